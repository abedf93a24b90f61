//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach keeps Ctrl-C in the terminal from ending the server before us.
func detach(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
