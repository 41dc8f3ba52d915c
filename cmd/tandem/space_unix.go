//go:build unix

package main

import "golang.org/x/sys/unix"

// freeSpace is how many bytes a folder's disk has left for this user.
func freeSpace(dir string) (uint64, error) {
	var fs unix.Statfs_t
	err := unix.Statfs(dir, &fs)
	return fs.Bavail * uint64(fs.Bsize), err
}
