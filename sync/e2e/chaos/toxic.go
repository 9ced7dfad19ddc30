package chaos

import (
	"math/rand/v2"
	"time"

	"comptant/sync/e2e/proxy"

	"github.com/Shopify/toxiproxy/v2/toxics"
)

// toxic is something toxiproxy does to one direction of a connection.
type toxic struct {
	kind string
	toxics.Toxic
	// over is the size from which on a message is touched: a slicer leaves small ones whole.
	over int
}

// plan is what a connection goes through: strains from its beginning, and perhaps one toxic that ends it after a while.
type plan struct {
	strains [2][]toxic // by direction
	breaker toxic      // none when it has no kind
	on      proxy.Direction
	after   time.Duration
}

// strains are the toxics that must go unnoticed. Latency comes first: it lets what comes close together overlap.
var strains = []func(*rand.Rand) toxic{
	func(r *rand.Rand) toxic {
		return toxic{kind: "latency", Toxic: &toxics.LatencyToxic{Latency: 5 + r.Int64N(30), Jitter: r.Int64N(5)}}
	},
	func(r *rand.Rand) toxic {
		t := &toxics.SlicerToxic{AverageSize: 20 + r.IntN(100), SizeVariation: 8, Delay: r.IntN(300)}
		return toxic{kind: "slicer", Toxic: t, over: t.AverageSize + t.SizeVariation}
	},
	func(r *rand.Rand) toxic {
		return toxic{kind: "bandwidth", Toxic: &toxics.BandwidthToxic{Rate: 20 + r.Int64N(100)}}
	},
}

// breakers are the toxics that lose what is under way.
var breakers = []func(*rand.Rand) toxic{
	func(r *rand.Rand) toxic {
		return toxic{kind: "timeout", Toxic: &toxics.TimeoutToxic{Timeout: 100 + r.Int64N(400)}}
	},
	func(r *rand.Rand) toxic {
		return toxic{kind: "reset_peer", Toxic: &toxics.ResetToxic{Timeout: r.Int64N(50)}}
	},
}

// The shares, in percent, of the connections that have a strain in a direction, each, and that have a breaker.
const (
	strained = 40
	broken   = 20
)

// draw makes the plan of a connection.
func draw(r *rand.Rand) (p plan) {
	for d := range p.strains {
		for _, strain := range strains {
			if r.IntN(100) < strained {
				p.strains[d] = append(p.strains[d], strain(r))
			}
		}
	}
	if r.IntN(100) < broken {
		p.breaker, p.on = breakers[r.IntN(len(breakers))](r), proxy.Direction(r.IntN(2))
		p.after = time.Duration(300+r.IntN(1200)) * time.Millisecond
	}
	return p
}
