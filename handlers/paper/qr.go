package paper

import (
	"fmt"

	qrcode "github.com/skip2/go-qrcode"
)

// qrSide is the picture's width and height in pixels: sharp on a phone, and in print up to 5 cm at 300 dpi.
const qrSide = 600

// QR draws a QR code of a link as a PNG, with the quiet zone that readers need
// (ISO/IEC 18004). It fails for a text of more than 2,331 bytes.
func QR(link string) ([]byte, error) {
	png, err := qrcode.Encode(link, qrcode.Medium, qrSide)
	if err != nil {
		return nil, fmt.Errorf("draw qr code: %w", err)
	}
	return png, nil
}
