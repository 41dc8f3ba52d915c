package m365

import (
	"cmp"
	"strings"
)

// commands are what an administrator types in Exchange Online PowerShell to mend
// what a problem of that code says, complete with ids. None: PowerShell does not help.
func (x *examination) commands(code string) []string {
	mailbox := quoted(x.Connection.Email)
	switch code {
	case "other_mailboxes_open", "application_permission_missing", "application_refused":
		return x.scope()
	case "directory_not_readable":
		return []string{connect, "Test-ServicePrincipalAuthorization -Identity " + x.principal() + " -Resource OTHER-MAILBOX"}
	case "access_policy_refuses", "access_policy":
		return []string{
			connect,
			"Get-ApplicationAccessPolicy | Where-Object AppId -eq " + quoted(x.clientID) + " | Format-List ScopeName, AccessRight",
			"Add-DistributionGroupMember -Identity SCOPE-NAME -Member " + mailbox,
			"Test-ApplicationAccessPolicy -Identity " + mailbox + " -AppId " + quoted(x.clientID),
		}
	case "send_as_denied":
		return []string{
			connect,
			"Add-RecipientPermission " + quoted(x.From.Email) + " -Trustee " + mailbox + " -AccessRights SendAs",
			"Set-OrganizationConfig -SendFromAliasEnabled $true  # when the address is an alias of the mailbox",
		}
	case "mailbox_missing", "mailbox_unavailable":
		return []string{connect, "Get-Mailbox -Identity " + mailbox + " | Format-List RecipientTypeDetails, PrimarySmtpAddress"}
	}
	return nil
}

const connect = "Connect-ExchangeOnline"

// scopeName is what the commands call the connected mailboxes.
const scopeName = "Tandem mailboxes"

// scope limits the application to the connected mailboxes.
//
// "Role Based Access Control for Applications in Exchange Online"
func (x *examination) scope() []string {
	var which []string
	for _, o := range x.Needed {
		which = append(which, "PrimarySmtpAddress -eq "+quoted(o.Email))
	}
	commands := []string{
		connect,
		"New-ServicePrincipal -AppId " + quoted(x.clientID) + " -ObjectId " + x.principal() + " -DisplayName 'Tandem'",
		"New-ManagementScope -Name " + quoted(scopeName) + " -RecipientRestrictionFilter " + quoted(strings.Join(which, " -or ")),
	}
	for _, role := range []string{"Application Mail.ReadWrite", "Application Mail.Send"} {
		commands = append(commands, "New-ManagementRoleAssignment -App "+x.principal()+" -Role "+quoted(role)+" -CustomResourceScope "+quoted(scopeName))
	}
	return append(commands, "Test-ServicePrincipalAuthorization -Identity "+x.principal()+" -Resource "+quoted(x.Connection.Email))
}

// principal is the object id of the enterprise application, which is not that of the app registration.
func (x *examination) principal() string {
	return cmp.Or(quoted(x.objectID), "OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION")
}

// quoted is a PowerShell literal: nothing in single quotes is expanded.
//
// "about_Quoting_Rules"
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
