const remembered = 'tandem.tickets'

/** Keeps which view, filter and page of the list was shown last, so that one comes back to it. */
export const rememberList = (search: string) => sessionStorage.setItem(remembered, search)

/** The way back to the list as it was. */
export const lastList = () => `/tickets${sessionStorage.getItem(remembered) ?? ''}`
