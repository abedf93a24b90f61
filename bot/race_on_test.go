//go:build race

package main

// raced tells that the race detector watches the tests.
const raced = true
