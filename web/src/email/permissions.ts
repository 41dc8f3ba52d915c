/** What Microsoft is asked to allow when a mailbox is connected, by Microsoft's names. */
export const permissions = [
  { id: 'mail_read', scope: 'Mail.ReadWrite' },
  { id: 'mail_send', scope: 'Mail.Send' },
  { id: 'user_read', scope: 'User.Read' },
  { id: 'sign_in', scope: 'openid email' },
  { id: 'offline', scope: 'offline_access' },
] as const

/** Those without which a connection does not work; Microsoft lists them among what it granted. */
export const neededScopes = permissions.slice(0, 3)

/** What the app registration needs to open mailboxes without a sign-in; the last one is a convenience. */
export const applicationPermissions = [
  { id: 'mail_read', scope: 'Mail.ReadWrite' },
  { id: 'mail_send', scope: 'Mail.Send' },
  { id: 'user_read', scope: 'User.Read.All' },
] as const
