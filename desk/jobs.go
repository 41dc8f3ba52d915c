package desk

import "tandem/directory"

// DeliverReply asks the mail channel to send a public comment to the requester
// and the people in copy. It is queued in the comment's own transaction;
// package email does the work.
type DeliverReply struct {
	Comment CommentID `json:"comment"`
}

// Kind names the job.
func (DeliverReply) Kind() string { return "desk.deliver_reply" }

// RemoveUploads removes uploads that no comment has taken within UploadLife.
type RemoveUploads struct{}

// Kind names the job.
func (RemoveUploads) Kind() string { return "desk.remove_uploads" }

// DeleteFieldValues removes the values of a custom field that was deleted.
type DeleteFieldValues struct {
	Field directory.FieldID `json:"field"`
}

// Kind names the job.
func (DeleteFieldValues) Kind() string { return "desk.delete_field_values" }

// ForgetFirings removes what is known of the use of triggers after a month.
type ForgetFirings struct{}

// Kind names the job.
func (ForgetFirings) Kind() string { return "desk.forget_firings" }
