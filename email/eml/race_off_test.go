//go:build !race

package eml

const underRace = false
