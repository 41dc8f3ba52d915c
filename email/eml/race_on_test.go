//go:build race

package eml

const underRace = true
