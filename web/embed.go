// Package web holds the browser application: its sources, and in dist what
// `npm run build` made of them, embedded into the binary.
//
// The agent workspace and the admin centre are one application. It talks to
// the server through the HTTP API alone. Without Node, dist holds a
// placeholder only, so the server still compiles; Built tells the two apart.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built application: index.html and its assets.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only a malformed path makes fs.Sub fail, and ours is constant
	}
	return files
}

// Built says whether the application was built before the binary was.
func Built() bool {
	_, err := fs.Stat(dist, "dist/index.html")
	return err == nil
}
