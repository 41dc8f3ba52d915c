import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { answerOf, api, apiURL, refusal } from '../api/client'
import { Problem } from '../api/problem'
import type { Upload } from '../api/types'

/** A file on its way to the server, or stopped by a problem. */
export interface Sending {
  key: number
  name: string
  size: number
  share: number
  stop: () => void
  problem?: unknown
  retry: () => void
}

/** Sends one file, telling how far it has come. Only XMLHttpRequest reports progress of what is sent. */
export function sendFile(file: File, onShare: (share: number) => void): { done: Promise<Upload>; stop: () => void } {
  const request = new XMLHttpRequest()
  const done = new Promise<Upload>((resolve, reject) => {
    request.open('POST', apiURL('/uploads', { filename: file.name || 'image.png' }))
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    request.responseType = 'json'
    request.upload.onprogress = (event) => event.lengthComputable && onShare(event.loaded / event.total)
    request.onload = () => {
      if (request.status === 201) resolve((request.response as { upload: Upload }).upload)
      else reject(refusal(request.status, request.response, request.getResponseHeader('X-Request-Id') ?? ''))
    }
    request.onerror = () => reject(new TypeError('connection lost'))
    request.send(file)
  })
  return { done, stop: () => request.abort() }
}

/** How many bytes a file may have; unknown until the server has told, which judges anyway. */
const useUploadLimit = () =>
  useQuery({
    queryKey: ['account', 'settings'],
    queryFn: async () => (await answerOf(api.GET('/account/settings'))).settings,
    select: ({ limits }) => limits.attachment_size,
    staleTime: Infinity,
  }).data

/** Files on their way; each is handed over once it is there. One that failed stays until it is tried again or removed. */
export function useUploads(onThere: (upload: Upload) => void) {
  const [sending, setSending] = useState<Sending[]>([])
  const limit = useUploadLimit()
  const nextKey = useRef(0)
  const drop = (key: number) => setSending((all) => all.filter((one) => one.key !== key))
  const put = (key: number, part: Partial<Sending>) =>
    setSending((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)))

  const begin = (key: number, file: File) => {
    if (limit !== undefined && file.size > limit) return put(key, { problem: tooLarge(limit) })
    const { done, stop } = sendFile(file, (share) => put(key, { share }))
    put(key, { share: 0, problem: undefined, stop: () => (stop(), drop(key)) })
    done.then(
      (upload) => {
        onThere(upload)
        drop(key)
      },
      (problem: unknown) => put(key, { problem, stop: () => drop(key) }),
    )
  }
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const key = nextKey.current++
      const fresh = { key, name: file.name, size: file.size, share: 0, stop: () => drop(key), retry: () => begin(key, file) }
      setSending((all) => [...all, fresh])
      begin(key, file)
    }
  }
  return { sending, add }
}

const tooLarge = (limit: number) => {
  const megabytes = limit / 2 ** 20
  return new Problem({
    status: 422,
    code: 'upload_too_large',
    message: `The file is larger than ${megabytes} MB.`,
    side: 'yours',
    remedy: 'Share it by a link instead.',
    args: { limit: String(megabytes) },
  })
}

/** Tells the server that an upload is not wanted; it would expire anyway. */
export const dropUpload = ({ token }: Upload) =>
  void answerOf(api.DELETE('/uploads/{token}', { params: { path: { token } } })).catch(() => undefined)
