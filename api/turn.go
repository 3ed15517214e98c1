package api

import (
	"context"
	"fmt"
)

// largeBody is from how many bytes on a body is large. What is made of it takes many times its memory while it is worked on.
const largeBody = 64 << 10

// largeAtOnce is how many requests with a large body are worked on at once: two whose receipts are being written, and one that
// is read meanwhile. The others keep only the bytes they sent.
const largeAtOnce = 3

// annualAtOnce is how many annual reports are made at once, each on two connections where there are enough. One of a large fund is
// tied to the statements of thousands: a second one at the same time would take memory and transactions from all others, and
// neither would be done sooner.
const annualAtOnce = 1

// takeTurn waits for a place among the requests of a kind that are worked on at once. It is kept until [call.leave].
func (c *call) takeTurn(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		c.turn = places
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for others: %w", ctx.Err())
	}
}

// leave gives the place of a request to the next one, once: an answer that is read slowly holds nobody up.
func (c *call) leave() {
	if c.turn != nil {
		<-c.turn
		c.turn = nil
	}
}
