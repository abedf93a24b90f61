package paper

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
)

func TestQRIsASquarePicture(t *testing.T) {
	link := "https://t.me/versli_bot?start=t_1a"
	raw, err := QR(link)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != qrSide || b.Dy() != qrSide {
		t.Errorf("the picture is %v", b)
	}
	if r, _, _, _ := img.At(0, 0).RGBA(); r != 0xffff {
		t.Error("there is no quiet zone")
	}
	if _, err := QR(strings.Repeat("a", 5000)); err == nil {
		t.Error("a text that does not fit is drawn")
	}
}
