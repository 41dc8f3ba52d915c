package e2e

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		// Stories wait far more than they compute.
		if err := flag.Set("test.parallel", "16"); err != nil {
			panic(err)
		}
	}
	status := m.Run()
	os.RemoveAll(programFolder())
	os.Exit(status)
}
