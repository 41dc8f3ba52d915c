/** Why mail is suspended, in the order in which the filter offers it. */
export const causes = [
  'failed_email_authentication',
  'suspended_sender',
  'blocklisted',
  'from_noreply',
  'auto_mailer',
  'auto_vacation',
  'bulk',
  'loop',
  'auto_delivery_failure',
  'from_support_address',
  'system_user',
  'number_recipients_exceeded',
  'blank',
] as const
export type Cause = (typeof causes)[number]

export const isCause = (code: string): code is Cause => causes.some((cause) => cause === code)
