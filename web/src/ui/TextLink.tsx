import { makeStyles, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouterLink } from 'react-router'

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline', color: tokens.colorBrandForegroundLinkHover },
  },
})

/** A link within the application that looks as Fluent's links do. */
export function TextLink({ to, children }: { to: string; children: ReactNode }) {
  const styles = useStyles()
  return (
    <RouterLink to={to} className={styles.link}>
      {children}
    </RouterLink>
  )
}
