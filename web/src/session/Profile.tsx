import {
  Button,
  Card,
  Field,
  Input,
  makeStyles,
  RadioGroup,
  Radio,
  Select,
  Subtitle2,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { languageNames, languages, useLanguageNow, type Language } from '../i18n'
import { ShortcutList } from '../shell/ShortcutList'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { chooseTheme, themeChoices, useThemeChoice, type ThemeChoice } from '../ui/theme'
import { PasswordPair, usePasswordPair } from './PasswordPair'
import { changePassword, useMe, useSaveMe } from './queries'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
})

/** One's own name, signature, language, look, password and keys. */
export function Profile() {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  return (
    <Page title={t('profile.title')} lead={`${me.name} · ${me.email}`} slim>
      <Card className={styles.card}>
        <Particulars />
      </Card>
      <Card className={styles.card}>
        <Appearance />
      </Card>
      <Card className={styles.card}>
        <Password />
      </Card>
      <Card className={styles.card}>
        <Subtitle2 as="h2">{t('shortcuts.title')}</Subtitle2>
        <ShortcutList />
      </Card>
    </Page>
  )
}

function Particulars() {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const save = useSaveMe()
  const notify = useNotify()
  const [name, setName] = useState(me.name)
  const [signature, setSignature] = useState(me.signature)
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await save({ name, signature })
      notify.done(t('profile.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <Subtitle2 as="h2">{t('profile.particulars')}</Subtitle2>
      <ProblemBar error={error} />
      <Field label={t('profile.name')} required>
        <Input value={name} autoComplete="name" onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label={t('profile.signature')} hint={t('profile.signature_hint')}>
        <Textarea rows={4} value={signature} onChange={(_, data) => setSignature(data.value)} />
      </Field>
      <Button
        type="submit"
        appearance="primary"
        className={styles.button}
        disabled={!name.trim() || (name === me.name && signature === me.signature)}
      >
        {t('action.save')}
      </Button>
    </form>
  )
}

function Appearance() {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const save = useSaveMe()
  const notify = useNotify()
  const theme = useThemeChoice()
  const choose = async (language: Language) => {
    await useLanguageNow(language)
    await save({ locale: language }).catch(notify.failed)
  }
  return (
    <div className={styles.form}>
      <Subtitle2 as="h2">{t('profile.appearance')}</Subtitle2>
      <Field label={t('profile.language')}>
        <Select value={i18n.language} onChange={(_, data) => void choose(data.value as Language)}>
          {languages.map((language) => (
            <option key={language} value={language} lang={language}>
              {languageNames[language]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('profile.theme')}>
        <RadioGroup value={theme} onChange={(_, data) => chooseTheme(data.value as ThemeChoice)}>
          {themeChoices.map((choice) => (
            <Radio key={choice} value={choice} label={t(`theme.${choice}`)} />
          ))}
        </RadioGroup>
      </Field>
    </div>
  )
}

function Password() {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const [previous, setPrevious] = useState('')
  const pair = usePasswordPair()
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!pair.check()) return
    setError(undefined)
    try {
      await changePassword(previous, pair.value)
      setPrevious('')
      pair.clear()
      notify.done(t('password.changed'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <Subtitle2 as="h2">{t('password.title')}</Subtitle2>
      <ProblemBar error={error} />
      <Field label={t('password.previous')} required>
        <Input
          type="password"
          autoComplete="current-password"
          value={previous}
          onChange={(_, data) => setPrevious(data.value)}
        />
      </Field>
      <PasswordPair pair={pair} />
      <Button type="submit" className={styles.button} disabled={!previous || !pair.value}>
        {t('password.change')}
      </Button>
    </form>
  )
}
