package e2e

import (
	"testing"

	"tandem/m365sim/conformance"
)

// Everything that Tandem asks of Microsoft in these stories, and every answer
// of the simulator, is as Microsoft's own description of the API has it.
func TestConversationIsAsMicrosoftDescribesIt(t *testing.T) {
	t.Parallel()
	checker := conformance.Load(t)
	t.Run("stories", func(t *testing.T) {
		t.Run("main", func(t *testing.T) { tellMainStory(t, Options{Between: checker.Wrap}) })
		t.Run("files", func(t *testing.T) {
			t.Parallel()
			tellReplyStory(t, Options{Between: checker.Wrap})
		})
	})
	checker.Report(t)
	if checker.Checked() < 20 {
		t.Errorf("only %d requests were seen", checker.Checked())
	}
}
