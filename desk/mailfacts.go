package desk

// MailFacts are what is known of the mail that a comment came by, besides what
// it says. Everything is empty when the comment did not come by mail, or came
// before this was kept.
type MailFacts struct {
	Address        string // the support address that it came to
	Authentication string // whether the sender's domain vouches for it: "pass", "fail" or "none"
	Automatic      bool   // a program sent it, or asks not to be answered by one
	Language       string // a guess, as a BCP 47 tag; empty: none
}
