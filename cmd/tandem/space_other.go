//go:build !unix

package main

import "errors"

// freeSpace is not known here; the doctor then says nothing about it.
func freeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }
