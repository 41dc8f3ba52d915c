// The shapes of the API by the names that the pages use. schema.d.ts is made
// from api/openapi.json by `npm run types`.
import type { components, paths } from './schema'

type Schemas = components['schemas']

export type Session = Schemas['Session']
export type Setup = Schemas['Setup']
export type User = Schemas['User']
export type Role = User['role']
export type UserChange = Schemas['UserChangeBody']
export type Identity = Schemas['Identity']
export type Organization = Schemas['Organization']
export type OrganizationChange = Schemas['OrganizationBody']
export type GroupChange = Schemas['GroupBody']
export type GroupMembership = Schemas['GroupMembership']
export type Brand = Schemas['Brand']

export type Ticket = Schemas['Ticket']
export type TicketStatus = Ticket['status']
export type Priority = NonNullable<Ticket['priority']>
export type TicketViewer = Schemas['TicketViewer']
export type ReportQuery = paths['/reports/tickets']['get']['parameters']['query']
export type CountedQuery = Omit<paths['/reports/tickets/counted']['get']['parameters']['query'], 'page' | 'per_page' | 'include'>
export type TicketReport = Schemas['TicketReport']
export type ReportTally = Schemas['ReportTally']
export type TicketPage = Schemas['Tickets']
export type TicketShown = Schemas['TicketShown']
export type TicketQuery = NonNullable<paths['/tickets']['get']['parameters']['query']>
export type NewTicket = Schemas['NewTicketBody']
export type TicketChange = Schemas['TicketChangeBody']
export type JobStatus = Schemas['JobStatus']
export type JobResult = Schemas['JobResult']
export type Comment = Schemas['Comment']
export type Conversation = Schemas['CommentsOutBody']
export type Attachment = Schemas['Attachment']
export type Upload = Schemas['Upload']
export type FileLink = Schemas['FileLink']
export type SetAside = Schemas['SetAside']
export type AttachmentSettings = Schemas['AttachmentSettings']
export type AttachmentSettingsChange = Schemas['AttachmentSettingsChange']
export type SavedDraft = Schemas['Draft']

export type DeletedTicket = Schemas['DeletedTicket']
export type DeletedTickets = Schemas['DeletedTickets']
export type Merge = NonNullable<paths['/tickets/{id}/merge']['post']['requestBody']>['content']['application/json']

export type Address = Schemas['Address']
export type AddressChange = Schemas['AddressChangeBody']
export type Forwarding = Schemas['Forwarding']
export type Change = Schemas['Change']
export type Destination = Schemas['DestinationPolicy']['policy']
export type Connection = Schemas['Connection']
export type Folder = Schemas['Folder']
export type ConnectionStatus = Connection['status']
export type ConnectionRequest = Schemas['ConnectionRequest']
export type Probe = Schemas['Probe']
export type Preflight = Schemas['Preflight']
export type Check = Schemas['Check']
export type Import = Schemas['Import']
export type Trouble = Schemas['Trouble']
export type Side = Trouble['side']

export type Mail = Schemas['Mail']
export type MailDetails = Schemas['MailShown']
export type MailQuery = NonNullable<paths['/mail']['get']['parameters']['query']>
export type MailState = Mail['state']
export type Station = Schemas['Station']['station']
export type Person = Schemas['Party']

export type SuspendedMail = Schemas['SuspendedTicket']
export type SuspendedQuery = Pick<
  NonNullable<paths['/suspended_tickets']['get']['parameters']['query']>,
  'cause' | 'connection_id' | 'query'
>
export type RecoverWish = Schemas['RecoverBody']
export type MailSettings = Schemas['MailSettings']
export type MailSettingsChange = Schemas['MailSettingsBody']
export type SenderListName = Schemas['Sender']['list']
export type Bounce = Schemas['Bounce']

export type View = Schemas['View']
export type ViewBody = Schemas['ViewBody']
export type ViewCount = Schemas['ViewCount']
export type ViewDefinitions = Schemas['ViewDefinitions']
export type ViewTicketQuery = NonNullable<paths['/views/{id}/tickets']['get']['parameters']['query']>
export type Macro = Schemas['Macro']
export type MacroBody = Schemas['MacroBody']
export type AppliedMacro = Schemas['AppliedMacro']
export type Restriction = Schemas['RestrictionBody']
export type CustomField = Schemas['CustomField']
export type CustomFieldBody = Schemas['CustomFieldBody']
export type FieldOption = Schemas['FieldOption']

export type Trigger = Schemas['Trigger']
export type TriggerBody = Schemas['TriggerBody']
export type TriggerDefinition = Schemas['TriggerDefinition']
export type TriggerDefinitions = Schemas['TriggerDefinitions']
export type TriggerTest = Schemas['TriggerTest']
export type TriggerTestBody = Schemas['TriggerTestBody']
export type TriggerTrial = Schemas['TriggerTrial']
export type TriggerVerdict = Schemas['TriggerVerdict']
export type TriggerFault = Schemas['TriggerFault']
export type TicketAudit = Schemas['TicketAudit']
export type AuditEvent = Schemas['AuditEvent']
export type Group = Schemas['Group']
export type MicrosoftTenant = Schemas['MicrosoftTenant']
export type Credential = Schemas['Credential']
export type NewCredential = Schemas['NewCredentialBody']

export type Overview = Schemas['Overview']
export type Attention = Schemas['Attention']
export type Job = Schemas['Job']
export type ApiToken = Schemas['APIToken']
export type AuditLog = Schemas['AuditLog']

export type SearchResults = Schemas['SearchOutBody']
export type SearchResult = NonNullable<SearchResults['results']>[number]
export type SearchPiece = Schemas['HighlightPiece']
