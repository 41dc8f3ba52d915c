package text

// Part is a part of what is known of a ticket or a person.
type Part string

// The parts.
const (
	Title   Part = "title"   // a ticket's subject, a person's name
	People  Part = "people"  // addresses and numbers of the person, or the requester's with their name
	Details Part = "details" // number, tags, fields, names of files, external id
	Said    Part = "said"    // comments
)

// Parts are all of them.
var Parts = [...]Part{Title, People, Details, Said}

// Term is a word, or several in a row, that something has or has not.
type Term struct {
	Text   string
	In     Part // where it stands; empty: anywhere
	Prefix bool // the last word may go on, unless very many have it as it is, or Not
	Wild   bool // the last word may go on in any case
	Not    bool // must not be there
}
