import {
  Button,
  Link,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { asProblem, type Problem } from '../api/problem'
import { hasAllFacts } from '../i18n/facts'
import { CloseIcon, ErrorIcon } from './icons'
import { useCopy } from './useCopy'

/** The words for a problem: translated by its code when we know it, the server's English otherwise. */
export function useProblemWords() {
  const { t, i18n } = useTranslation()
  return (thrown: unknown) => {
    const problem = asProblem(thrown)
    const translated = (part: 'message' | 'remedy', code = problem.code): string | undefined => {
      const key = `problem.${code}.${part}`
      const template: unknown = i18n.getResource(i18n.language, 'translation', key)
      if (typeof template !== 'string' || !hasAllFacts(template, problem.args)) return undefined
      return String(t(key as never, problem.args as never))
    }
    const message = translated('message')
    /** What is wrong with one input. */
    const at = (field: string): string | undefined => {
      const code = problem.faults[field]
      return (code && translated('message', code)) || problem.fields[field]
    }
    return {
      problem,
      message: message ?? (problem.message || t('problem.unknown.message')),
      // A translated sentence is not followed by an English remedy.
      remedy: translated('remedy') ?? (message === undefined ? problem.remedy : ''),
      side: t(`side.${problem.side}`),
      at,
      /** What else is wrong, input by input. */
      besides: Object.entries(problem.fields).flatMap(([field, sentence]) => (sentence === problem.message ? [] : (at(field) ?? []))),
    }
  }
}

const useStyles = makeStyles({
  view: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: tokens.spacingVerticalM,
    maxWidth: '560px',
    padding: tokens.spacingHorizontalXXL,
    marginInline: 'auto',
  },
  icon: { color: tokens.colorPaletteRedForeground1, fontSize: '28px', width: '28px', height: '28px' },
  small: { color: tokens.colorNeutralForeground3, display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  line: { display: 'block' },
})

/** A whole pane that could not be shown: what happened, whose side, what to do. */
export function ProblemView({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { problem, message, remedy, side } = useProblemWords()(error)
  return (
    <div className={styles.view} role="alert">
      <ErrorIcon className={styles.icon} />
      <Text size={500} weight="semibold" as="h1" block>
        {message}
      </Text>
      {remedy && <Text>{remedy}</Text>}
      {problem.status !== 404 && <Text>{side}</Text>}
      {onRetry && problem.status !== 404 && (
        <Button appearance="primary" onClick={onRetry}>
          {t('action.try_again')}
        </Button>
      )}
      <Small problem={problem} message={message} />
    </div>
  )
}

/** A problem beside what it concerns. */
export function ProblemBar({ error, onDismiss, title }: { error: unknown; onDismiss?: () => void; title?: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useProblemWords()
  if (!error) return null
  const { problem, message, remedy, besides } = words(error)
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{title ?? message}</MessageBarTitle> {title && message} {remedy}
        <Small problem={problem} message={message} />
        {besides.map((sentence) => (
          <Text key={sentence} size={200} className={styles.line}>
            {sentence}
          </Text>
        ))}
      </MessageBarBody>
      {onDismiss && (
        <MessageBarActions
          containerAction={
            <Button appearance="transparent" icon={<CloseIcon />} aria-label={t('action.close')} onClick={onDismiss} />
          }
        />
      )}
    </MessageBar>
  )
}

/** What support asks for: the code and the reference, small, and a way to copy them. */
function Small({ problem, message }: { problem: Problem; message: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [copied, copy] = useCopy()
  const details = [problem.code, problem.reference, message, location.href, new Date().toISOString()].join('\n')
  return (
    <Text size={200} className={styles.small}>
      <span>
        {problem.reference
          ? t('problem.code_and_reference', { code: problem.code, reference: problem.reference })
          : problem.code}
      </span>
      <Link as="button" inline onClick={() => copy(details)}>
        {copied ? t('action.copied') : t('action.copy_details')}
      </Link>
    </Text>
  )
}
