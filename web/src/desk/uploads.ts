import { useRef, useState } from 'react'
import { answerOf, api, apiURL } from '../api/client'
import { readProblem } from '../api/problem'
import type { Upload } from '../api/types'

/** A file on its way to the server. */
export interface Sending {
  key: number
  name: string
  size: number
  share: number
  stop: () => void
}

/** Sends one file, telling how far it has come. Only XMLHttpRequest reports progress of what is sent. */
function send(file: File, onShare: (share: number) => void): { done: Promise<Upload>; stop: () => void } {
  const request = new XMLHttpRequest()
  const done = new Promise<Upload>((resolve, reject) => {
    request.open('POST', apiURL('/uploads', { filename: file.name || 'image.png' }))
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    request.responseType = 'json'
    request.upload.onprogress = (event) => event.lengthComputable && onShare(event.loaded / event.total)
    request.onload = () => {
      if (request.status === 201) resolve((request.response as { upload: Upload }).upload)
      else reject(readProblem(request.status, request.response, request.getResponseHeader('X-Request-Id') ?? ''))
    }
    request.onerror = () => reject(new TypeError('connection lost'))
    request.send(file)
  })
  return { done, stop: () => request.abort() }
}

/** Files on their way; each is handed over once it is there. */
export function useUploads(onThere: (upload: Upload) => void, onFailed: (thrown: unknown) => void) {
  const [sending, setSending] = useState<Sending[]>([])
  const nextKey = useRef(0)
  const drop = (key: number) => setSending((all) => all.filter((one) => one.key !== key))

  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const key = nextKey.current++
      const { done, stop } = send(file, (share) =>
        setSending((all) => all.map((one) => (one.key === key ? { ...one, share } : one))),
      )
      const forget = () => {
        stop()
        drop(key)
      }
      setSending((all) => [...all, { key, name: file.name, size: file.size, share: 0, stop: forget }])
      done.then(onThere, onFailed).finally(() => drop(key))
    }
  }
  return { sending, add }
}

/** Tells the server that an upload is not wanted; it would expire anyway. */
export const dropUpload = ({ token }: Upload) =>
  void answerOf(api.DELETE('/uploads/{token}', { params: { path: { token } } })).catch(() => undefined)
