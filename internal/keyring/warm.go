package keyring

import (
	"container/list"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"sync"
)

type tag [sha256.Size]byte

// warm remembers right PINs: not the PIN, but a tag over PIN and stored form
// under a key of this process. A new stored form makes the old tag worthless,
// so nothing has to be told of changes. The least recently used tag goes first.
type warm struct {
	key []byte
	max int

	mu    sync.Mutex
	order *list.List // of tag, the latest first
	known map[tag]*list.Element
}

func newWarm(rand io.Reader, max int) (*warm, error) {
	w := &warm{key: make([]byte, 32), max: max, order: list.New(), known: map[tag]*list.Element{}}
	_, err := io.ReadFull(rand, w.key)
	return w, err
}

func (w *warm) tag(kind, stored string, pin []byte) (t tag) {
	h := hmac.New(sha256.New, w.key)
	var n [8]byte
	for _, s := range []string{kind, stored} {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		io.WriteString(h, s)
	}
	h.Write(pin)
	h.Sum(t[:0])
	return t
}

func (w *warm) has(t tag) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, ok := w.known[t]
	if ok {
		w.order.MoveToFront(e)
	}
	return ok
}

func (w *warm) add(t tag) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e, ok := w.known[t]; ok {
		w.order.MoveToFront(e)
		return
	}
	w.known[t] = w.order.PushFront(t)
	if w.order.Len() > w.max {
		delete(w.known, w.order.Remove(w.order.Back()).(tag))
	}
}
