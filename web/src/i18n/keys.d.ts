import 'i18next'
import type en from './en.json'

// Makes a misspelt key an error of compilation.
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
    returnNull: false
  }
}
