import { Button, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { RuleRows } from '../RuleRows'
import { useGroups } from '../trigger/queries'
import { useViewTitle } from '../views'
import { FilterInput } from '../../ui/FilterInput'
import { AddIcon, ViewIcon } from '../../ui/icons'
import { Page } from '../../ui/Page'
import { Empty, Loaded } from '../../ui/states'
import { useAllViews, useViewActions } from './queries'

/** The shared views in the order in which they stand beside the list of tickets. */
export function Views() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const views = useAllViews()
  const titleOf = useViewTitle()
  const { data: groups = [] } = useGroups()
  const { save, move, remove } = useViewActions()
  const [filter, setFilter] = useState('')
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => void navigate('/admin/views/new')}>
      {t('view.add')}
    </Button>
  )
  return (
    <Page title={t('admin.views')} lead={t('view.lead')} actions={add}>
      <Loaded query={views}>
        {(list) => {
          const shared = list.filter((view) => view.restriction?.type !== 'User')
          const rows = shared.filter((view) => titleOf(view).toLowerCase().includes(filter.toLowerCase()))
          if (shared.length === 0) return <Empty icon={<ViewIcon />} title={t('view.no_views')} action={add} />
          return (
            <>
              <FilterInput value={filter} onValue={setFilter} label={t('trigger.find')} />
              {rows.length === 0 && <Text>{t('view.none_found')}</Text>}
              <RuleRows
                label={t('admin.views')}
                rows={rows}
                base="/admin/views"
                titleOf={titleOf}
                whose={(view) =>
                  view.restriction?.type === 'Group'
                    ? groups
                        .filter(({ id }) => view.restriction?.ids?.includes(id))
                        .map(({ name }) => name)
                        .join(', ')
                    : t('view.for_all')
                }
                save={save}
                move={move}
                remove={remove}
              />
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
