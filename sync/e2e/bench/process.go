package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of the times in /proc: USER_HZ is 100 on every Linux that Go runs on.
const tick = time.Second / 100

// ownTime is the processor time this process has used.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// machineTime is the time all processors together were busy since boot, waiting for a disk not included.
func machineTime() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	var busy time.Duration
	for i, f := range strings.Fields(line) {
		switch i {
		case 1, 2, 3, 6, 7: // user, nice, system, irq, softirq
			n, _ := strconv.ParseInt(f, 10, 64)
			busy += time.Duration(n) * tick
		}
	}
	return busy
}

// resident is the memory a process has in RAM, in bytes.
func resident(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var all, pages float64
	_, err = fmt.Sscan(string(b), &all, &pages)
	return pages * float64(os.Getpagesize()), err
}

// familyTime is the processor time used by processes and all their descendants, ended ones included.
func familyTime(roots ...int) time.Duration {
	parents, times := processes()
	var sum time.Duration
	for pid, used := range times {
		for p := pid; p > 0; p = parents[p] {
			if isOne(p, roots) {
				sum += used
				break
			}
		}
	}
	return sum
}

func isOne(pid int, of []int) bool {
	for _, p := range of {
		if p == pid {
			return true
		}
	}
	return false
}

// processes gives the parent of each process, and the time it and its children that have ended used.
func processes() (parents map[int]int, times map[int]time.Duration) {
	parents, times = map[int]int{}, map[int]time.Duration{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		var pid int
		if _, err := fmt.Sscanf(string(b), "%d", &pid); err != nil {
			continue
		}
		// The name, in parentheses, may hold anything.
		_, rest, ok := strings.Cut(string(b[strings.LastIndexByte(string(b), ')'):]), ") ")
		f := strings.Fields(rest)
		if !ok || len(f) < 15 {
			continue
		}
		parents[pid], _ = strconv.Atoi(f[1])
		for _, column := range f[11:15] { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(column, 10, 64)
			times[pid] += time.Duration(n) * tick
		}
	}
	return parents, times
}
