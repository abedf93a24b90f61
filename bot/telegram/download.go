package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// MaxDownload is the biggest file that Telegram lets a bot fetch (https://core.telegram.org/bots/api#getfile).
const MaxDownload = 20 << 20

// Download opens a file by its id. The size is what Telegram tells; 0 when it does not. The caller closes it, and ctx ends
// the reading. ErrTooBig, also while reading, when there is more than MaxDownload.
func (c *Client) Download(ctx context.Context, fileID string) (io.ReadCloser, int64, error) {
	var file struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	err := c.ask(ctx, "getFile", tgbotapi.Params{"file_id": fileID}, &file)
	if f := asFailure(err); f != nil && f.says("file is too big") || file.Size > MaxDownload {
		return nil, 0, ErrTooBig
	}
	if err != nil {
		return nil, 0, err
	}
	path := (&url.URL{Path: file.Path}).EscapedPath()
	target := fmt.Sprintf(strings.Replace(c.endpoint, "/bot%s/%s", "/file/bot%s/%s", 1), c.opt.Token, path)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, 0, c.noAnswer("download", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, c.noAnswer("download", err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, 0, &failure{kind: kindAway, method: "download", code: resp.StatusCode, description: http.StatusText(resp.StatusCode)}
	}
	if resp.ContentLength > MaxDownload {
		_ = resp.Body.Close()
		return nil, 0, ErrTooBig
	}
	return &bounded{c: c, body: resp.Body, left: MaxDownload}, file.Size, nil
}

// bounded reads no more than it may, and redacts what goes wrong.
type bounded struct {
	c    *Client
	body io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return 0, ErrTooBig
	case errors.Is(err, io.EOF):
		return n, io.EOF
	case err != nil:
		return n, b.c.noAnswer("download", err)
	}
	return n, nil
}

func (b *bounded) Close() error {
	if err := b.body.Close(); err != nil {
		return b.c.noAnswer("download", err)
	}
	return nil
}
