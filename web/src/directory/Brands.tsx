import { Badge, Button, Input, makeStyles, Textarea, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Brand } from '../api/types'
import { DataTable, type Column } from '../ui/DataTable'
import { FormDialog, FormField } from '../ui/FormDialog'
import { AddIcon, BrandIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { Empty, Loaded } from '../ui/states'
import { useBrands, useDirectory } from './queries'

const useStyles = makeStyles({
  name: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS },
})

/** The names under which customers know this organisation. */
export function Brands() {
  const { t } = useTranslation()
  const styles = useStyles()
  const brands = useBrands()
  const [editing, setEditing] = useState<Brand | 'new'>()
  const columns: Column<Brand>[] = [
    {
      id: 'name',
      label: t('brands.name'),
      cell: (brand) => (
        <span className={styles.name}>
          <strong>{brand.name}</strong>
          {brand.default && (
            <Badge appearance="outline" size="small">
              {t('address.default')}
            </Badge>
          )}
        </span>
      ),
    },
    { id: 'signature', label: t('profile.signature'), hide: 'narrow', cell: (brand) => brand.signature || '–' },
    {
      id: 'actions',
      label: t('table.actions'),
      width: '112px',
      cell: (brand) => (
        <Button size="small" aria-label={t('brands.edit_of', { name: brand.name })} onClick={() => setEditing(brand)}>
          {t('action.edit')}
        </Button>
      ),
    },
  ]
  return (
    <Page
      title={t('admin.brands')}
      lead={t('brands.lead')}
      actions={
        <Button appearance="primary" icon={<AddIcon />} onClick={() => setEditing('new')}>
          {t('brands.add')}
        </Button>
      }
    >
      <Loaded query={brands}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<BrandIcon />} title={t('brands.none')}>
              {t('brands.lead')}
            </Empty>
          ) : (
            <DataTable label={t('admin.brands')} columns={columns} rows={list} />
          )
        }
      </Loaded>
      {editing && <BrandDialog brand={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </Page>
  )
}

function BrandDialog({ brand, onClose }: { brand?: Brand; onClose: () => void }) {
  const { t } = useTranslation()
  const { saveBrand } = useDirectory()
  const notify = useNotify()
  const [name, setName] = useState(brand?.name ?? '')
  const [signature, setSignature] = useState(brand?.signature ?? '')
  const save = async () => {
    await saveBrand(brand?.id, { name: name.trim(), signature })
    notify.done(t('state.saved'))
    onClose()
  }
  return (
    <FormDialog
      title={brand ? brand.name : t('brands.add')}
      submit={t('action.save')}
      complete={name.trim() !== ''}
      onSubmit={save}
      onClose={onClose}
    >
      <FormField name="name" label={t('brands.name')} required>
        <Input value={name} autoFocus onChange={(_, data) => setName(data.value)} />
      </FormField>
      <FormField name="signature" label={t('profile.signature')} hint={t('brands.signature_hint')}>
        <Textarea rows={4} value={signature} onChange={(_, data) => setSignature(data.value)} />
      </FormField>
    </FormDialog>
  )
}
