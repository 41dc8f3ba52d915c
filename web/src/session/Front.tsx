import { Card, makeStyles, Select, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { languageNames, languages, useLanguageNow, type Language } from '../i18n'

const useStyles = makeStyles({
  page: {
    minHeight: '100dvh',
    display: 'grid',
    placeItems: 'center',
    padding: tokens.spacingHorizontalL,
    boxSizing: 'border-box',
    backgroundColor: tokens.colorNeutralBackground3,
  },
  card: { width: '100%', maxWidth: '400px', padding: tokens.spacingHorizontalXXL, gap: tokens.spacingVerticalL },
  head: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS },
  name: { flexGrow: 1 },
})

/** The page before one is signed in. */
export function Front({ children }: { children: ReactNode }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  return (
    <main className={styles.page}>
      <Card className={styles.card}>
        <div className={styles.head}>
          <img src="/tandem.svg" width="28" height="28" alt="" />
          <Text weight="semibold" size={400} className={styles.name}>
            Tandem
          </Text>
          <Select
            size="small"
            appearance="filled-lighter"
            aria-label={t('profile.language')}
            value={i18n.language}
            onChange={(_, data) => void useLanguageNow(data.value as Language)}
          >
            {languages.map((language) => (
              <option key={language} value={language} lang={language}>
                {languageNames[language]}
              </option>
            ))}
          </Select>
        </div>
        {children}
      </Card>
    </main>
  )
}
