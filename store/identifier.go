package store

import (
	"context"
	"fmt"
	"strconv"
)

// reserve takes the next identifier of a kind, spelled as nextid of prelude.lua does, for a document that is
// written whole by Go. One that is not used after all is lost, which harms nobody.
func (d *db) reserve(ctx context.Context, letter string) (string, error) {
	n, err := d.rdb.HIncrBy(ctx, d.keys.ids(), letter, 1).Result()
	if err != nil {
		return "", fmt.Errorf("reserve an identifier %s: %w", letter, err)
	}
	return letter + strconv.FormatInt(n, 36), nil
}
