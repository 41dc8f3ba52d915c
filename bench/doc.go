// Package bench measures Tandem as a process of its own against the simulator
// over loopback, and writes docs/benchmarks.md: "make bench". Figures are never
// asserted; a run fails only when the product does. Each row can be measured
// alone, with smaller counts:
//
//	go test -tags bench ./bench -run Figures/SQLite/idle/push -boxes 100 -idle 1m -v
//
// Its files carry the build tag "bench", so that the ordinary test run does not
// measure.
package bench
