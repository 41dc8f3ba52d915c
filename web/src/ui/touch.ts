import { touch } from './layout'

/**
 * For fingers, what can be pressed is as large as a fingertip. These are rules for Fluent's own parts, which have
 * no such size; `html` before them outweighs Fluent's rules. Links to pages within a text stay as they are.
 */
export const touchTargets = `${touch} {
  html :is(.fui-Button, .fui-SplitButton .fui-SplitButton__menuButton) { min-height: 44px; min-width: 44px; }
  html :is(.fui-MenuItem, .fui-MenuItemLink, .fui-MenuItemRadio, .fui-MenuItemCheckbox, .fui-Option) {
    min-height: 44px; max-width: none; align-items: center;
  }
  html :is(.fui-Select__select, .fui-Input, .fui-Combobox, .fui-SpinButton) { min-height: 44px; }
  html :is(.fui-Checkbox, .fui-Radio, .fui-Switch) { min-height: 44px; min-width: 44px; align-items: center; }
  html :is(.fui-Checkbox__input, .fui-Radio__input) { min-width: 44px; }
  html button.fui-Link { min-height: 44px; min-width: 44px; }
  html .fui-Checkbox__indicator { align-self: center; }
  html .fui-TableCell { height: 44px; }
  html .fui-TableSelectionCell { height: 44px; width: 44px; padding: 0; }
  html .fui-TableSelectionCell .fui-Checkbox { justify-content: center; }
  html .fui-TableHeaderCell__button { min-height: 44px; }
}`
