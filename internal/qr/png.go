package qr

import (
	"bytes"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"math/bits"
)

// png writes a PNG of one bit a pixel with a palette of white and black. The
// pixels of a module are ten rows of the same bytes, so the compressor is a
// special one: a row is written as it is, and the nine below it as a repetition.
// The general one of the library allocates a megabyte and takes longer.
func (m Matrix) png() []byte {
	width := m.side() * scale
	stride := 1 + (width+7)/8 // the byte before each row says: not filtered
	pixels := make([]byte, m.side()*stride)
	for y := range m.side() {
		row := pixels[y*stride+1 : (y+1)*stride]
		for x := range m.side() {
			if !m.dark(x, y) {
				continue
			}
			for i := x * scale; i < (x+1)*scale; i++ {
				row[i/8] |= 0x80 >> (i % 8)
			}
		}
	}
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(width))
	chunk(&out, "IHDR", append(header, 1, 3, 0, 0, 0))
	chunk(&out, "PLTE", []byte{255, 255, 255, 0, 0, 0})
	chunk(&out, "IDAT", deflate(pixels, stride))
	chunk(&out, "IEND", nil)
	return out.Bytes()
}

func chunk(out *bytes.Buffer, kind string, content []byte) {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(content)))
	out.Write(n[:])
	start := out.Len()
	out.WriteString(kind)
	out.Write(content)
	binary.BigEndian.PutUint32(n[:], crc32.ChecksumIEEE(out.Bytes()[start:]))
	out.Write(n[:])
}

// deflate compresses rows of stride bytes, each of which stands scale times in
// the image: a zlib stream (RFC 1950) of one block with fixed codes (RFC 1951,
// 3.2.6).
func deflate(rows []byte, stride int) []byte {
	w := bitWriter{out: append(make([]byte, 0, len(rows)+len(rows)/4+16), 0x78, 0x01)}
	sum := adler32.New()
	w.bits(0b011, 3) // last block, fixed codes
	for y := 0; y < len(rows); y += stride {
		row := rows[y : y+stride]
		for i := 0; i < len(row); {
			run := 1
			for i+run < len(row) && row[i+run] == row[i] && run <= maxMatch {
				run++
			}
			w.literal(row[i])
			i++
			if run > minMatch {
				w.match(run-1, 1)
				i += run - 1
			}
		}
		for left := stride * (scale - 1); left > 0; {
			n := min(left, maxMatch)
			if rest := left - n; rest > 0 && rest < minMatch {
				n -= minMatch // so that the last piece is not too short
			}
			w.match(n, stride)
			left -= n
		}
		for range scale {
			sum.Write(row)
		}
	}
	w.code(0, 7) // end of block
	w.flush()
	return binary.BigEndian.AppendUint32(w.out, sum.Sum32())
}

// Bounds of a repetition in deflate.
const (
	minMatch = 3
	maxMatch = 258
)

// bitWriter packs bits as deflate wants them: from the lowest bit of a byte up.
type bitWriter struct {
	out  []byte
	hold uint64
	n    uint
}

func (w *bitWriter) bits(v uint32, n uint) {
	w.hold |= uint64(v) << w.n
	w.n += n
	for w.n >= 8 {
		w.out = append(w.out, byte(w.hold))
		w.hold >>= 8
		w.n -= 8
	}
}

// code writes a Huffman code, whose highest bit comes first.
func (w *bitWriter) code(v uint32, n uint) { w.bits(bits.Reverse32(v)>>(32-n), n) }

func (w *bitWriter) flush() {
	if w.n > 0 {
		w.bits(0, 8-w.n)
	}
}

func (w *bitWriter) literal(b byte) {
	if b < 144 {
		w.code(0x30+uint32(b), 8)
	} else {
		w.code(0x190+uint32(b)-144, 9)
	}
}

// match repeats length bytes that stand distance bytes back.
func (w *bitWriter) match(length, distance int) {
	symbol, extra, n := spread(length-minMatch, 4)
	if length == maxMatch {
		symbol, extra, n = 28, 0, 0 // has a code of its own
	}
	if symbol < 23 {
		w.code(uint32(symbol)+1, 7)
	} else {
		w.code(0xc0+uint32(symbol)-23, 8)
	}
	w.bits(extra, n)
	symbol, extra, n = spread(distance-1, 2)
	w.code(uint32(symbol), 5)
	w.bits(extra, n)
}

// spread splits v into a symbol and extra bits. Every group symbols (4 for
// lengths, 2 for distances) the number of extra bits grows by one; the first
// two groups have none.
func spread(v, group int) (symbol int, extra uint32, n uint) {
	if v < 2*group {
		return v, 0, 0
	}
	n = uint(bits.Len(uint(v)) - bits.Len(uint(group)))
	return int(n)*group + v>>n, uint32(v) & (1<<n - 1), n
}
