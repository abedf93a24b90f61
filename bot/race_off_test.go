//go:build !race

package main

// raced tells that the race detector watches, which makes everything slow: crowds are smaller then.
const raced = false
