package store

import (
	"container/list"
	"sync"

	"symbolon/internal/token"
)

// cache keeps tokens and who owns which, so that a login reads no database. It
// is changed where a commit succeeds: after a commit was acknowledged, nobody
// reads what was there before. What it hands out is shared and never changed; a
// change puts a new token in its place.
//
// A read of the database that is under way while a commit happens may have seen
// the state before it, so its result is kept only when no commit since the read
// began has touched what it read.
type cache struct {
	limit int

	mu        sync.Mutex
	tokens    map[token.ID]*list.Element    // of *token.Token, newest use first
	serials   map[string]token.ID           // of the tokens kept
	owners    map[token.Owner]*list.Element // of *holding
	tokenUse  list.List
	ownerUse  list.List
	underWay  map[*filling]struct{}
	committed *touched // what the commit that is under way changes; nil: none is
}

// holding is which tokens an owner has.
type holding struct {
	owner token.Owner
	ids   []token.ID
}

// filling is a read of the database whose result shall be kept.
type filling struct {
	stale []*touched // what was changed since it began
}

// touched is what a group of commits changes.
type touched struct {
	ids    map[token.ID]struct{}
	owners map[token.Owner]struct{} // those who get a token
}

func newTouched() *touched {
	return &touched{ids: map[token.ID]struct{}{}, owners: map[token.Owner]struct{}{}}
}

func (t *touched) add(changes []token.Change) {
	for _, c := range changes {
		if id, ok := tokenOf(c); ok {
			t.ids[id] = struct{}{}
		}
		switch c := c.(type) {
		case token.Create:
			t.owners[c.Token.Owner] = struct{}{}
		case token.Replace:
			t.owners[c.Token.Owner] = struct{}{}
		}
	}
}

func newCache(limit int) *cache {
	c := &cache{limit: max(limit, 0), underWay: map[*filling]struct{}{}}
	c.clear()
	return c
}

func (c *cache) clear() {
	c.tokens, c.serials, c.owners = map[token.ID]*list.Element{}, map[string]token.ID{}, map[token.Owner]*list.Element{}
	c.tokenUse.Init()
	c.ownerUse.Init()
}

// owned returns the tokens of o when all of them are kept.
func (c *cache) owned(o token.Owner) ([]*token.Token, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.owners[o]
	if !ok {
		return nil, false
	}
	var all []*token.Token
	for _, id := range e.Value.(*holding).ids {
		t, ok := c.get(id)
		if !ok || t.Owner != o {
			return nil, false
		}
		all = append(all, t)
	}
	c.ownerUse.MoveToFront(e)
	return all, true
}

func (c *cache) withSerial(serial string) (*token.Token, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id, ok := c.serials[serial]; ok {
		return c.get(id)
	}
	return nil, false
}

func (c *cache) get(id token.ID) (*token.Token, bool) {
	e, ok := c.tokens[id]
	if !ok {
		return nil, false
	}
	c.tokenUse.MoveToFront(e)
	return e.Value.(*token.Token), true
}

// begin announces a read of the database; end must follow.
func (c *cache) begin() *filling {
	f := &filling{}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.underWay[f] = struct{}{}
	return f
}

func (c *cache) end(f *filling) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.underWay, f)
}

// fresh reports whether what f has read of the token can be kept.
func (c *cache) fresh(f *filling, id token.ID) bool {
	for _, t := range f.stale {
		if _, ok := t.ids[id]; ok {
			return false
		}
	}
	if c.committed != nil {
		if _, ok := c.committed.ids[id]; ok {
			return false
		}
	}
	return true
}

func (c *cache) freshOwner(f *filling, o token.Owner) bool {
	for _, t := range f.stale {
		if _, ok := t.owners[o]; ok {
			return false
		}
	}
	if c.committed != nil {
		if _, ok := c.committed.owners[o]; ok {
			return false
		}
	}
	return true
}

// keep keeps a token that f has read.
func (c *cache) keep(f *filling, t *token.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(f, t)
}

// keepOwned keeps that f has read all tokens of o.
func (c *cache) keepOwned(f *filling, o token.Owner, all []*token.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// An owner of many tokens would push everybody else out.
	if len(all) > c.limit/16 && len(all) > 64 || c.limit == 0 || !c.freshOwner(f, o) {
		return
	}
	h := &holding{owner: o}
	for _, t := range all {
		if !c.put(f, t) {
			return
		}
		h.ids = append(h.ids, t.ID)
	}
	if e, ok := c.owners[o]; ok {
		e.Value = h
		c.ownerUse.MoveToFront(e)
		return
	}
	c.owners[o] = c.ownerUse.PushFront(h)
	if c.ownerUse.Len() > c.limit {
		oldest := c.ownerUse.Back()
		delete(c.owners, oldest.Value.(*holding).owner)
		c.ownerUse.Remove(oldest)
	}
}

func (c *cache) put(f *filling, t *token.Token) bool {
	if c.limit == 0 || !c.fresh(f, t.ID) {
		return false
	}
	if e, ok := c.tokens[t.ID]; ok {
		e.Value = t
		c.tokenUse.MoveToFront(e)
		return true
	}
	c.tokens[t.ID], c.serials[t.Serial] = c.tokenUse.PushFront(t), t.ID
	if c.tokenUse.Len() > c.limit {
		c.remove(c.tokenUse.Back().Value.(*token.Token).ID)
	}
	return true
}

func (c *cache) remove(id token.ID) {
	if e, ok := c.tokens[id]; ok {
		t := e.Value.(*token.Token)
		delete(c.tokens, id)
		if c.serials[t.Serial] == id {
			delete(c.serials, t.Serial)
		}
		c.tokenUse.Remove(e)
	}
}

// drop forgets the tokens that the changes are about.
func (c *cache) drop(changes []token.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range changes {
		if id, ok := tokenOf(ch); ok {
			c.remove(id)
		}
	}
}

// during runs the commit of a group and takes over what it has changed, before
// it is acknowledged. A read may see the changes before they are taken over.
func (c *cache) during(t *touched, group []*request, commit func() error) error {
	c.pending(t)
	err := commit()
	if err == nil {
		c.publish(t, group)
	}
	return err
}

func (c *cache) pending(t *touched) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committed = t
}

func (c *cache) publish(t *touched, group []*request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committed = nil
	for f := range c.underWay {
		f.stale = append(f.stale, t)
	}
	for o := range t.owners {
		if e, ok := c.owners[o]; ok {
			delete(c.owners, o)
			c.ownerUse.Remove(e)
		}
	}
	for _, r := range group {
		if r.err != nil {
			continue
		}
		for _, ch := range r.changes {
			c.follow(ch)
		}
	}
}

// follow makes the token that ch has changed what it is now, or forgets it.
func (c *cache) follow(ch token.Change) {
	id, ok := tokenOf(ch)
	if !ok {
		return
	}
	e, ok := c.tokens[id]
	if !ok {
		return
	}
	t, ok := follow(*e.Value.(*token.Token), ch)
	if !ok {
		c.remove(id)
		return
	}
	e.Value = t
}

// forget drops everything: it is not known what has happened.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committed != nil {
		for f := range c.underWay {
			f.stale = append(f.stale, c.committed)
		}
		c.committed = nil
	}
	c.clear()
}
