package desk

// MailFacts is what is known of the mail that a comment came by.
type MailFacts struct {
	Address        string // the support address that it came to
	Authentication string // whether the sender's domain vouches for it: "pass", "fail" or "none"
	Automatic      bool   // a program wrote it
	Language       string // a guess, as a BCP 47 tag; empty: none
}
