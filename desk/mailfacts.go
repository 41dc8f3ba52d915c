package desk

// MailFacts are what is known of the mail that a comment came by, besides what
// it says. Everything is empty when the comment did not come by mail.
type MailFacts struct {
	Address        string // the support address that it came to
	Authentication string // whether its sender is proven: "pass", "fail" or "none"
	Automatic      bool   // a program sent it, or asks not to be answered by one
	Language       string // BCP 47, as far as it can be told; empty: unknown
}
