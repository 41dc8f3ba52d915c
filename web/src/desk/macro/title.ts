import type { Macro } from '../../api/types'

/** A macro's title as people read it: "Returns::Approved" stands in a category. */
export const shownTitle = ({ title }: Pick<Macro, 'title'>) => title.split('::').join(' › ')
