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

// takeTurn waits until a request with a body of so many bytes can be worked on. Its place is kept until [call.leave].
func (s *Server) takeTurn(ctx context.Context, c *call, bytes int) error {
	if bytes < largeBody {
		return nil
	}
	select {
	case s.large <- struct{}{}:
		c.turn = s.large
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for other large requests: %w", ctx.Err())
	}
}

// leave gives the place of a large request to the next one, once: an answer that is read slowly holds nobody up.
func (c *call) leave() {
	if c.turn != nil {
		<-c.turn
		c.turn = nil
	}
}
