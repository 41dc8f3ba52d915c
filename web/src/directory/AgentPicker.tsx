import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf, api } from '../api/client'
import type { User } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { useMe } from '../session/queries'
import { Picker, type Choice, type ChoiceGroup } from '../ui/Picker'
import { usePeopleNamed } from './queries'

/** As many as one reads before one types. */
const shown = 50

/**
 * Picks an agent out of however many there are: oneself first, then what else
 * there is to choose, then the agents by team. What is typed is searched for by
 * the server.
 */
export function AgentPicker({
  value,
  name,
  choices = [],
  team,
  without = [],
  everybody,
  onChosen,
  ...box
}: {
  /** The number of who is chosen, or the value of a choice; without one the box is empty again after each choice. */
  value?: string
  /** What who is chosen is called, where the page knows. */
  name?: string
  /** What can be chosen besides agents: nobody, or a part that somebody plays. */
  choices?: Choice[]
  /** Members of this team alone. */
  team?: number
  /** Who is not to choose from. */
  without?: number[]
  /** Requesters can be found, too. */
  everybody?: boolean
  onChosen: (value: string, user?: User) => void
  label?: string
  placeholder?: string
  size?: 'small' | 'medium'
  className?: string
  disabled?: boolean
}) {
  const { t } = useTranslation()
  const me = useMe()
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState(false)
  const asked = useDeferredValue(text.trim())
  const found = useAgentsLike({ text: asked, team, everybody: everybody && asked !== '' }, wanted)
  const { data: teams = [] } = useGroups()
  const typed = text.trim().toLowerCase()
  const waiting = found.isPlaceholderData || asked !== text.trim()
  const fits = (...words: string[]) => words.some((word) => word.toLowerCase().includes(typed))

  const users = (found.data?.users ?? []).filter(
    (user) =>
      !user.suspended &&
      !without.includes(user.id) &&
      // Until the answer is here, nobody is offered whom the text does not mean.
      (!waiting || fits(user.name, user.email)),
  )
  const takeable = !without.includes(me.id) && (users.some(({ id }) => id === me.id) || (typed === '' && !team))
  const choiceOf = (user: User): Choice => ({ value: String(user.id), name: user.name || user.email, detail: user.email })
  const others = users.filter(({ id }) => id !== me.id)
  const among = (label: string | undefined, belongs: (user: User) => boolean): ChoiceGroup => ({
    label,
    choices: others.filter(belongs).map(choiceOf),
  })
  const isAgent = (user: User) => user.role !== 'end-user'
  const knowsTeam = (user: User) => teams.some(({ id }) => id === user.default_group_id)
  const groups: ChoiceGroup[] = [
    {
      choices: [
        ...(takeable ? [{ ...choiceOf(me), name: t('agent_picker.me', { name: me.name }) }] : []),
        ...choices.filter((choice) => fits(choice.name)),
      ],
    },
    ...(team || teams.length === 0
      ? [among(undefined, isAgent)]
      : [
          ...teams.map(({ id, name }) => among(name, (user) => isAgent(user) && user.default_group_id === id)),
          among(t('agent_picker.no_team'), (user) => isAgent(user) && !knowsTeam(user)),
        ]),
    among(t('people.requesters'), (user) => !isAgent(user)),
  ]

  const list = [me, ...(found.data?.users ?? [])]
  const inList = choices.find((choice) => choice.value === value)?.name ?? list.find(({ id }) => String(id) === value)?.name
  const unknown = value && !inList && !name && /^\d+$/.test(value) ? [Number(value)] : []
  const named = usePeopleNamed(unknown)
  const chosenName = inList ?? name ?? named.get(Number(value)) ?? (unknown.length > 0 ? `#${value}` : value)
  const rest = (found.data?.count ?? 0) - (found.data?.users.length ?? 0)
  return (
    <Picker
      {...box}
      chosen={value === undefined ? undefined : { value, name: chosenName ?? '' }}
      text={text}
      groups={found.data && groups}
      waiting={waiting}
      more={rest > 0 && !waiting ? t('agent_picker.more', { count: rest }) : undefined}
      onText={setText}
      onOpen={() => setWanted(true)}
      onChosen={(chosen) => onChosen(chosen, list.find(({ id }) => String(id) === chosen))}
    />
  )
}

/** Agents, or anybody, by a part of name, address or number: the first of them, and how many there are. */
const useAgentsLike = (query: { text: string; team?: number; everybody?: boolean }, enabled: boolean) =>
  useQuery({
    queryKey: ['people', 'agents', query.team, query],
    queryFn: ({ signal }) => {
      const { text, team, everybody } = query
      const roles = everybody ? undefined : (['agent', 'admin'] as const)
      const asked = { 'role[]': roles && [...roles], query: text || undefined, group_id: team, page: 1, per_page: shown }
      return answerOf(api.GET('/users', { params: { query: asked }, signal }))
    },
    enabled,
    staleTime: 60_000,
    // Of one team while another is loading nobody is offered.
    placeholderData: (before, former) => (former?.queryKey[2] === query.team ? keepPreviousData(before) : undefined),
  })
