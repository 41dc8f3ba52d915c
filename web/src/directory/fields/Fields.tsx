import {
  Badge,
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Spinner,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import type { CustomField } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { AddIcon, FieldsIcon, MoreIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { SortableList } from '../../ui/SortableList'
import { Empty, Loaded } from '../../ui/states'
import { TabLinks } from '../../ui/TabLinks'
import { TextLink } from '../../ui/TextLink'
import { useFieldActions, useFields, useFieldUsage, type FieldOwner } from './queries'
import { typeOf } from './values'

const useStyles = makeStyles({
  what: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' },
  title: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

export const owners: FieldOwner[] = ['ticket', 'user', 'organization']

/** The owner that the address names; tickets when it names none. */
export function useOwner(): FieldOwner {
  const { owner } = useParams()
  return owners.find((one) => one === owner) ?? 'ticket'
}

/** The custom fields of tickets, people and organizations in their order. */
export function Fields() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const owner = useOwner()
  const fields = useFields(owner)
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => void navigate(`/admin/fields/${owner}/new`)}>
      {t('field.add')}
    </Button>
  )
  return (
    <Page title={t('admin.fields')} lead={t('field.lead')} actions={add}>
      <TabLinks
        label={t('admin.fields')}
        here={owner}
        tabs={owners.map((one) => ({ id: one, to: `/admin/fields/${one}`, name: t(`field.owner.${one}`) }))}
      />
      <Loaded query={fields}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<FieldsIcon />} title={t(`field.none.${owner}`)} action={add}>
              {t(`field.none_hint.${owner}`)}
            </Empty>
          ) : (
            <FieldList owner={owner} list={list} />
          )
        }
      </Loaded>
    </Page>
  )
}

function FieldList({ owner, list }: { owner: FieldOwner; list: CustomField[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const { save, reorder } = useFieldActions(owner)
  const [deleting, setDeleting] = useState<CustomField>()
  const page = ({ id }: CustomField) => `/admin/fields/${owner}/${id}`
  return (
    <>
      <SortableList
        label={t(`field.owner.${owner}`)}
        items={list}
        keyOf={(field) => field.id}
        nameOf={(field) => field.title}
        onMove={(moved) => void reorder(moved).catch(notify.failed)}
      >
        {(field) => (
          <>
            <div className={styles.what}>
              <div className={styles.title}>
                <TextLink to={page(field)}>{field.title}</TextLink>
                {field.required && (
                  <Badge appearance="outline" size="small">
                    {t('field.required_badge')}
                  </Badge>
                )}
              </div>
              <div className={styles.dim}>
                {t(`field.type.${typeOf(field)}`)}
                {field.key && ` · ${field.key}`}
                {field.description && ` · ${field.description}`}
              </div>
            </div>
            <Switch
              checked={field.active}
              aria-label={t('field.switch', { title: field.title })}
              onChange={(_, data) => void save(field.id, { active: data.checked }).catch(notify.failed)}
            />
            <Menu>
              <MenuTrigger disableButtonEnhancement>
                <Button
                  appearance="subtle"
                  icon={<MoreIcon />}
                  aria-label={t('field.more', { title: field.title })}
                />
              </MenuTrigger>
              <MenuPopover>
                <MenuList>
                  <MenuItem onClick={() => void navigate(page(field))}>{t('action.edit')}</MenuItem>
                  <MenuItem onClick={() => setDeleting(field)}>{t('action.delete')}</MenuItem>
                </MenuList>
              </MenuPopover>
            </Menu>
          </>
        )}
      </SortableList>
      {deleting && <DeleteDialog owner={owner} field={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  )
}

/** Names how many have a value before the field is deleted with them. */
export function DeleteDialog({
  owner,
  field,
  onClose,
}: {
  owner: FieldOwner
  field: CustomField
  onClose: () => void
}) {
  const { t } = useTranslation()
  const { remove } = useFieldActions(owner)
  const { data: count } = useFieldUsage(owner, field.id)
  return (
    <ConfirmDialog
      title={t('field.delete_title', { title: field.title })}
      confirm={t('action.delete')}
      name={count ? field.title : undefined}
      onConfirm={() => remove(field.id)}
      onClose={onClose}
    >
      {count === undefined ? (
        <Spinner size="tiny" />
      ) : (
        <Text block>{count === 0 ? t('field.delete_unused') : t(`field.delete_what.${owner}`, { count })}</Text>
      )}
    </ConfirmDialog>
  )
}
