package playground

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// contentSecurityPolicy lets the page load from its own origin and from nowhere else, and lets no script or style stand in the
// HTML itself: what a person or the bot writes can then be shown, but never run. `data:` and `blob:` pictures are the previews
// of files about to be sent. See https://www.w3.org/TR/CSP3/.
const contentSecurityPolicy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

// pageAsset is one embedded file, ready to be served.
type pageAsset struct {
	name        string
	contentType string
	etag        string
	content     []byte
}

// pageHandler serves the chat page: its HTML at "/", everything else that it needs under "/static/". Other paths are not found,
// and only GET and HEAD are answered. A browser keeps the files but asks each time whether they changed (ETag), so that a newer
// binary never runs with an older page.
func pageHandler() http.Handler {
	assets := mustLoadPageAssets()
	index := assets["index.html"]
	delete(assets, "index.html")

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Path == "/" {
			index.serve(w, r)
			return
		}
		name, found := strings.CutPrefix(r.URL.Path, "/static/")
		asset, known := assets[name]
		if !found || !known {
			http.NotFound(w, r)
			return
		}
		asset.serve(w, r)
	})
}

func (a pageAsset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", a.etag)
	// Embedded files have no time of change: the zero time leaves Last-Modified out, and the ETag alone decides.
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.content))
}

// mustLoadPageAssets reads the embedded files by their path below page/. It panics when a file cannot be read or is of a kind
// that pageContentType does not know: both are mistakes of the build, never of a run.
func mustLoadPageAssets() map[string]pageAsset {
	assets := make(map[string]pageAsset)
	err := fs.WalkDir(pageFiles, "page", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := pageFiles.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read embedded file: %w", err)
		}
		contentType, err := pageContentType(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		short := strings.TrimPrefix(name, "page/")
		assets[short] = pageAsset{
			name:        short,
			contentType: contentType,
			etag:        `"` + hex.EncodeToString(sum[:8]) + `"`,
			content:     content,
		}
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("playground: load the page: %v", err))
	}
	return assets
}

// pageContentType names the type of an embedded file. The list is fixed because mime.TypeByExtension asks the machine it runs
// on, and browsers refuse a module script or a style sheet of another type.
func pageContentType(name string) (string, error) {
	switch extension := path.Ext(name); extension {
	case ".html":
		return "text/html; charset=utf-8", nil
	case ".css":
		return "text/css; charset=utf-8", nil
	case ".js":
		return "text/javascript; charset=utf-8", nil
	case ".json":
		return "application/json; charset=utf-8", nil
	case ".svg":
		return "image/svg+xml", nil
	default:
		return "", fmt.Errorf("no content type for %q", name)
	}
}
