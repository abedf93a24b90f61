package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// listen opens the address before anything else is started: a second program
// on it must not touch the first one's files.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("LISTEN_ADDR %s: %w (is another bot running?)", addr, err)
	}
	return l, nil
}

// loopback turns an address to listen on into one to call from this machine.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

const (
	headerWithin = 10 * time.Second
	idleFor      = 2 * time.Minute
)

// serveHTTP serves until stop is called; event streams and long polls have no
// write limit, so none is set for all.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, failed func(error)) (stop func(time.Duration)) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor}
	go func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed(err)
		}
	}()
	return func(limit time.Duration) {
		// The program's context is over by then; streams get their own time to end.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // streams that do not end by themselves
		}
	}
}
