package catalog

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera was held, as the EXIF data of a JPEG says: 1 upright, 2 to 8 turned or mirrored (EXIF 2.32, tag 0x0112).
func orientation(file []byte) int {
	const upright = 1
	for at := 2; at+4 <= len(file) && file[0] == 0xFF && file[1] == 0xD8 && file[at] == 0xFF; {
		marker, length := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if length < 2 || at+2+length > len(file) || marker == 0xDA { // after 0xDA comes the picture
			break
		}
		segment := file[at+4 : at+2+length]
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && marker == 0xE1 {
			return orientationIn(tiff)
		}
		at += 2 + length
	}
	return upright
}

func orientationIn(tiff []byte) int {
	const upright, tag, entry = 1, 0x0112, 12
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return upright
	}
	at := int(order.Uint32(tiff[4:]))
	if at+2 > len(tiff) {
		return upright
	}
	count := int(order.Uint16(tiff[at:]))
	for at += 2; count > 0 && at+entry <= len(tiff); at, count = at+entry, count-1 {
		if order.Uint16(tiff[at:]) != tag {
			continue
		}
		if said := int(order.Uint16(tiff[at+8:])); said >= 1 && said <= 8 {
			return said
		}
	}
	return upright
}

// upright turns a square as an orientation asks.
func upright(m *image.RGBA, orientation int) *image.RGBA {
	from, turned := map[int]func(x, y, last int) (int, int){
		2: func(x, y, last int) (int, int) { return last - x, y },
		3: func(x, y, last int) (int, int) { return last - x, last - y },
		4: func(x, y, last int) (int, int) { return x, last - y },
		5: func(x, y, _ int) (int, int) { return y, x },
		6: func(x, y, last int) (int, int) { return y, last - x },
		7: func(x, y, last int) (int, int) { return last - y, last - x },
		8: func(x, y, last int) (int, int) { return last - y, x },
	}[orientation]
	if !turned {
		return m
	}
	made := image.NewRGBA(m.Rect)
	side := m.Rect.Dx()
	for y := range side {
		for x := range side {
			sx, sy := from(x, y, side-1)
			copy(made.Pix[made.PixOffset(x, y):], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return made
}
