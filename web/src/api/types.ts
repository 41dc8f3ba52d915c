// The shapes that the HTTP API speaks, by the names the pages use.

export type Role = 'end-user' | 'agent' | 'admin'
export type TicketStatus = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed'
export type Priority = 'low' | 'normal' | 'high' | 'urgent'
export type Side = 'yours' | 'admin' | 'microsoft' | 'tandem'

export interface User {
  id: number
  name: string
  email: string
  role: Role
  locale: string
  time_zone: string
  signature: string
  suspended: boolean
  verified: boolean
  active: boolean
  created_at: string
  updated_at: string
  last_login_at: string | null
}

export interface Session {
  user: User | null
  setup_required: boolean
  version: string
  demo: boolean
  simulator_url: string | null
  undo_seconds: number
}

export interface Setup {
  valid: boolean
  purpose: 'first_administrator' | 'password'
  email: string
}

export interface Brand {
  id: number
  name: string
  default: boolean
  signature: string
  active: boolean
}

export interface Ticket {
  id: number
  subject: string
  description: string
  status: TicketStatus
  priority: Priority | null
  requester_id: number
  submitter_id: number
  assignee_id: number | null
  brand_id: number
  recipient: string | null
  tags: string[]
  email_cc_ids: number[]
  followup_ids: number[]
  followup_source_id: number | null
  sibling_ids: number[]
  via: { channel: string }
  imported: boolean
  created_at: string
  updated_at: string
  updated_stamp: string
  solved_at: string | null
  comment_count: number
  flagged: boolean
  delivery_failed: boolean
}

export type DeliveryState = 'waiting' | 'sending' | 'sent' | 'failed'

export interface Delivery {
  state: DeliveryState
  error_code: string
  message: string
  remedy: string
  attempts: number
  sent_at: string | null
}

export interface Attachment {
  id: number
  file_name: string
  content_type: string
  size: number
  inline: boolean
  content_id: string | null
  content_url: string
}

export interface Comment {
  id: number
  ticket_id: number
  author_id: number
  public: boolean
  body: string
  plain_body: string
  html_body: string
  quoted_html: string | null
  has_remote_images: boolean
  attachments: Attachment[]
  via: { channel: string }
  mail_id: number | null
  flag: 'stranger' | null
  delivery: Delivery | null
  created_at: string
}

export interface Upload {
  token: string
  expires_at: string
  attachment: Attachment
}

/** What went wrong with a mail or a connection, as the API tells it. */
export interface Trouble {
  code: string
  message: string
  side?: Side
  remedy?: string
  args?: Record<string, string>
  at?: string
}

export type ConnectionStatus = 'verified' | 'importing' | 'waiting' | 'error' | 'authorizing' | 'disconnected'

export interface Import {
  id: number
  state: 'running' | 'completed' | 'cancelled' | 'failed'
  total: number
  done: number
  error: string | null
  created_at: string
  finished_at: string | null
}

export interface Figures {
  backlog: number
  unfiled: number
  quarantined: number
  waiting: number
  failed: number
  received_24h: number
  sent_24h: number
  lag_median_ms: number
  lag_p99_ms: number
  requests_last_hour: number
}

export interface Activity {
  at: string
  received: number
  sent: number
  lag_median_ms: number
}

export interface Connection {
  id: number
  kind: 'exchange'
  email: string
  status: ConnectionStatus
  mode: 'push' | 'poll'
  push_error: string | null
  error: Trouble | null
  waiting_until: string | null
  last_mail_at: string | null
  synced_at: string | null
  next_sync_at: string | null
  reconciled_at: string | null
  reconcile_found: number
  subscription_expires_at: string | null
  notified_at: string | null
  scopes: string[]
  token_at: string | null
  microsoft_tenant_id: string
  import: Import | null
  figures: Figures
  address_id: number
  created_at: string
}

export interface Address {
  id: number
  email: string
  name: string
  brand_id: number
  default: boolean
  connection_id: number | null
  plus_addressing: boolean
  connection: Connection | null
  created_at: string
}

export interface ConnectionRequest {
  state: string
  authorize_url?: string
  outcome: 'pending' | 'connected' | 'other_account' | 'failed'
  address_id: number | null
  intended: string
  actual: string
  error: Trouble | null
  brand_id: number
  import: boolean
}

export interface Person {
  name: string
  email: string
}

export type Station =
  | 'arrived'
  | 'noticed'
  | 'fetched'
  | 'stored'
  | 'decided'
  | 'ticket'
  | 'filed'
  | 'queued'
  | 'drafted'
  | 'sent'
  | 'confirmed'

export interface Mail {
  id: number
  connection_id: number
  direction: 'in' | 'out'
  state: string
  message_id: string
  subject: string
  from: Person
  to: Person[]
  cc: Person[]
  size: number
  noticed_by: string
  imported: boolean
  received_at: string | null
  noticed_at: string | null
  rule: string
  evidence: { name: string; value: string }[]
  ticket_id: number | null
  comment_id: number | null
  original_id: number | null
  attempts: number
  next_attempt_at: string | null
  error: Trouble | null
  actions: ('retry' | 'make_ticket' | 'accept')[]
  created_at?: string
}

export interface MailDetails extends Omit<Mail, 'attempts'> {
  journey: { station: Station; at: string | null; detail: string }[]
  attempts: { at: string; step: string; outcome: string; detail: string }[]
  headers: { name: string; value: string }[]
  text_preview: string
}

export interface Attention {
  code: string
  severity: 'error' | 'warning' | 'info'
  message: string
  remedy: string
  side: Side
  link: string
  args: Record<string, string>
  count: number
}

export interface Overview {
  attention: Attention[]
  connections: (Connection & { activity: Activity[] })[]
  jobs: { waiting: number; running: number; dead: number }
  mail: { received_24h: number; sent_24h: number; quarantined: number; failed: number }
  version: string
  database: 'sqlite' | 'postgres'
}

export interface Job {
  id: number
  kind: string
  state: 'dead' | 'waiting' | 'running'
  attempt: number
  max_attempts: number
  run_at: string
  created_at: string
  finished_at: string | null
  error_code: string
  error: string
  subject: { kind: 'ticket' | 'connection' | 'mail'; id: number; label: string } | null
}

export interface ApiToken {
  id: number
  name: string
  created_at: string
  last_used_at: string | null
  full_token?: string
}

export interface AuditLog {
  id: number
  created_at: string
  actor_id: number | null
  actor_name: string
  ip_address: string
  action: string
  source_type: string
  source_id: number
  source_label: string
  change: { before?: unknown; after?: unknown } | null
}

export interface Counts {
  new: number
  open: number
  pending: number
  hold: number
  solved: number
  closed: number
  mine: number
  unassigned: number
  flagged: number
  delivery_failed: number
}
