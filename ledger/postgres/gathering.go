package postgres

import (
	"context"
	"sync"
	"time"
)

// gathering looks things up by their keys, one round trip for all that are asked for at once: whoever asks while others are
// being looked up is looked up with the next ones. Nothing is remembered, so each answer was read after it was asked for.
type gathering[K comparable, V any] struct {
	find func(context.Context, []K) (map[K]V, error)
	// patience is how long one round may take. It belongs to no request, so none can break it off for the others.
	patience time.Duration
	mu       sync.Mutex
	busy     bool         // a round is being looked up
	next     *round[K, V] // that of whoever asks meanwhile; nil for nobody
}

// round is what is looked up together.
type round[K comparable, V any] struct {
	keys  []K
	done  chan struct{} // closed when there is an answer
	found map[K]V
	err   error
}

// get returns what a key leads to, and whether it leads to anything.
func (g *gathering[K, V]) get(ctx context.Context, key K) (v V, ok bool, err error) {
	g.mu.Lock()
	if g.next == nil {
		g.next = &round[K, V]{done: make(chan struct{})}
	}
	r := g.next
	r.keys = append(r.keys, key)
	if !g.busy {
		g.busy, g.next = true, nil
		go g.serve(context.WithoutCancel(ctx), r)
	}
	g.mu.Unlock()
	select {
	case <-r.done:
		v, ok = r.found[key]
		return v, ok, r.err
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}

// serve looks up round after round until nobody asks.
func (g *gathering[K, V]) serve(ctx context.Context, r *round[K, V]) {
	for r != nil {
		g.look(ctx, r)
		g.mu.Lock()
		r, g.next = g.next, nil
		g.busy = r != nil
		g.mu.Unlock()
	}
}

func (g *gathering[K, V]) look(ctx context.Context, r *round[K, V]) {
	defer close(r.done)
	ctx, cancel := context.WithTimeout(ctx, g.patience)
	defer cancel()
	r.found, r.err = g.find(ctx, r.keys)
}
