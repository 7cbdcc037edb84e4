;; Sealdesk on Stacks: a support desk whose tickets are sealed envelopes. The chain keeps who, when and in which
;; state, and the SHA-256 of what was said; it never sees a word of it. README.md beside this folder says why things are
;; as they are. Every call reads this source, so it is short. What is wrong is judged in one order:
;; input, then the ticket, then permission, then the ticket's state, then limits.
;; Who acts is `contract-caller` throughout: a contract in between is seen as itself, and cannot borrow its user's rights.

(define-constant OPEN u1)
(define-constant ASSIGNED u2)
(define-constant IN-PROGRESS u3)
(define-constant PENDING-CUSTOMER u4)
(define-constant RESOLVED u5)
(define-constant CLOSED u6)

(define-constant STAFF u1)
(define-constant ADMINISTRATOR u2)

(define-constant OPEN-TICKETS-MAX u10)
(define-constant COMMENTS-MAX u100)
(define-constant CUSTOMER-COMMENTS-MAX u80) ;; the last twenty are kept for staff
(define-constant KEYS-MAX u64)
(define-constant ACTIVE-KEYS-MAX u5)
(define-constant ADMINISTRATORS-MAX u10)
(define-constant PAGE u20)
(define-constant AUTO-CLOSE u1008) ;; burn blocks: 7 days
(define-constant REOPEN-WINDOW u4320) ;; burn blocks: 30 days

(define-constant ERR-NOT-AUTHORIZED (err u100))
(define-constant ERR-TICKET-NOT-FOUND (err u101))
(define-constant ERR-INVALID-STATUS (err u102))
(define-constant ERR-INVALID-INPUT (err u103))
(define-constant ERR-HASH-MISMATCH (err u104))
(define-constant ERR-TOO-MANY-COMMENTS (err u105))
(define-constant ERR-LAST-ADMINISTRATOR (err u106))
(define-constant ERR-TOO-MANY-OPEN (err u107))
(define-constant ERR-TICKET-CLOSED (err u108))
(define-constant ERR-INVALID-TRANSITION (err u109))
(define-constant ERR-WINDOW-PASSED (err u110))
(define-constant ERR-NOT-STAFF (err u111))
(define-constant ERR-NOT-EXPIRED (err u112))
(define-constant ERR-KEY-NOT-FOUND (err u113))
(define-constant ERR-SEEN (err u114))
(define-constant ERR-TOO-MANY-KEYS (err u115))
(define-constant ERR-TOO-MANY-ADMINISTRATORS (err u116))

(define-data-var contract-owner principal contract-caller)
(define-data-var proposed-owner (optional principal) none)
(define-data-var administrators uint u1)
(define-data-var tickets-created uint u0)

(define-map roles principal uint) ;; one role a principal
(define-map tickets uint {
  owner: principal, assignee: (optional principal), category: (string-ascii 32), priority: uint, status: uint,
  payload-hash: (buff 32), comment-count: uint, created-at: uint, updated-at: uint,
  resolved-at: (optional uint), closed-at: (optional uint) })
(define-map comments { ticket-id: uint, index: uint } {
  author: principal, is-staff: bool, internal: bool, payload-hash: (buff 32), created-at: uint })
(define-map owners principal { total: uint, open: uint })
;; An owner's tickets in lists of twenty, since a page must be read in few reads.
(define-map pages { owner: principal, page: uint } (list 20 uint))
(define-map seen { caller: principal, payload-hash: (buff 32) } bool)
(define-map keys { address: principal, version: uint } {
  public-key: (buff 32), signing-key: (buff 32), proof: (buff 64), registered-at: uint, revoked-at: (optional uint) })
(define-map key-counts principal { total: uint, active: uint })
(define-map public-keys { address: principal, public-key: (buff 32) } bool)

(map-set roles contract-caller ADMINISTRATOR)

;; Read-only

(define-read-only (get-ticket (ticket-id uint)) (map-get? tickets ticket-id))

(define-read-only (get-ticket-count) (var-get tickets-created))

(define-read-only (get-ticket-comment (ticket-id uint) (index uint))
  (map-get? comments { ticket-id: ticket-id, index: index }))

(define-read-only (get-tickets-by-owner (owner principal)) (get-tickets-by-owner-page owner u0))

;; An offset inside a list takes the end of that list and the beginning of the next.
(define-read-only (get-tickets-by-owner-page (owner principal) (offset uint))
  (let ((page (/ offset PAGE)) (skip (mod offset PAGE))
        (head (page-of owner page))
        (rest (if (> skip u0) (page-of owner (+ page u1)) (list))))
    { total: (get total (counts-of owner)),
      ids: (default-to (list) (as-max-len? (concat
        (default-to (list) (slice? head (min-of skip (len head)) (len head)))
        (default-to (list) (slice? rest u0 (min-of skip (len rest))))) u20)) }))

(define-read-only (can-manage-ticket (ticket-id uint) (user principal))
  (match (map-get? tickets ticket-id) ticket
    (or (is-eq user (get owner ticket)) (serves (get assignee ticket) user)) false))

(define-read-only (is-staff (address principal)) (is-eq (map-get? roles address) (some STAFF)))

(define-read-only (is-administrator (address principal)) (is-eq (map-get? roles address) (some ADMINISTRATOR)))

(define-read-only (get-key (address principal) (version uint)) (map-get? keys { address: address, version: version }))

(define-read-only (get-key-count (address principal)) (get total (key-counts-of address)))

;; Tickets

(define-public (create-ticket (category (string-ascii 32)) (priority uint) (payload-hash (buff 32)) (payload (buff 4096)))
  (let ((id (+ (var-get tickets-created) u1)) (mine (counts-of contract-caller)) (page (/ (get total mine) PAGE)))
    (asserts! (and (is-category category) (is-priority priority)) ERR-INVALID-INPUT)
    (try! (check-payload payload-hash payload))
    ;; Those who answer tickets open none.
    (asserts! (is-none (map-get? roles contract-caller)) ERR-NOT-AUTHORIZED)
    (try! (see payload-hash))
    (asserts! (< (get open mine) OPEN-TICKETS-MAX) ERR-TOO-MANY-OPEN)
    (var-set tickets-created id)
    (map-set owners contract-caller { total: (+ (get total mine) u1), open: (+ (get open mine) u1) })
    (map-set pages { owner: contract-caller, page: page }
      (unwrap-panic (as-max-len? (append (page-of contract-caller page) id) u20)))
    (map-set tickets id {
      owner: contract-caller, assignee: none, category: category, priority: priority, status: OPEN,
      payload-hash: payload-hash, comment-count: u0, created-at: burn-block-height, updated-at: burn-block-height,
      resolved-at: none, closed-at: none })
    (print { event: "ticket-created", v: u1, ticket-id: id, owner: contract-caller, category: category,
      priority: priority, payload-hash: payload-hash, payload: payload, at: burn-block-height })
    (ok id)))

;; What the ticket's owner writes is a customer's comment whatever else he is by now, and notes are kept from him.
(define-public (add-comment (ticket-id uint) (payload-hash (buff 32)) (payload (buff 4096)) (internal bool))
  (begin
    (try! (check-payload payload-hash payload))
    (let ((ticket (try! (find ticket-id))) (index (get comment-count ticket)) (from (get status ticket))
          (mine (is-eq contract-caller (get owner ticket)))
          (to (if internal from (status-after-comment from mine))))
      (asserts! (if mine (not internal) (serves (get assignee ticket) contract-caller)) ERR-NOT-AUTHORIZED)
      (asserts! (< from CLOSED) ERR-TICKET-CLOSED)
      (asserts! (or mine internal (< from RESOLVED)) ERR-INVALID-TRANSITION)
      (try! (see payload-hash))
      (asserts! (< index (if mine CUSTOMER-COMMENTS-MAX COMMENTS-MAX)) ERR-TOO-MANY-COMMENTS)
      (map-set comments { ticket-id: ticket-id, index: index } {
        author: contract-caller, is-staff: (not mine), internal: internal, payload-hash: payload-hash,
        created-at: burn-block-height })
      (map-set tickets ticket-id (merge ticket {
        status: to, comment-count: (+ index u1), updated-at: burn-block-height,
        resolved-at: (if (is-eq to from) (get resolved-at ticket) none) }))
      (print { event: "ticket-commented", v: u1, ticket-id: ticket-id, index: index, author: contract-caller,
        is-staff: (not mine), internal: internal, payload-hash: payload-hash, payload: payload, at: burn-block-height })
      (and (not (is-eq to from)) (print-status ticket-id from to))
      (ok index))))

(define-public (update-ticket-status (ticket-id uint) (new-status uint))
  (begin
    ;; Assigned is what assign-ticket makes a ticket.
    (asserts! (and (>= new-status OPEN) (<= new-status CLOSED) (not (is-eq new-status ASSIGNED))) ERR-INVALID-STATUS)
    (let ((ticket (try! (find ticket-id))) (from (get status ticket)) (reopens (is-eq new-status OPEN)))
      (asserts! (if (or reopens (is-eq new-status CLOSED))
        (or (is-eq contract-caller (get owner ticket)) (is-administrator contract-caller))
        (serves (get assignee ticket) contract-caller)) ERR-NOT-AUTHORIZED)
      (asserts! (or reopens (< from CLOSED)) ERR-TICKET-CLOSED)
      (asserts! (leads from new-status) ERR-INVALID-TRANSITION)
      (match (get closed-at ticket) closed-at (try! (count-reopened (get owner ticket) closed-at)) true)
      (if (is-eq new-status CLOSED) (count-closed (get owner ticket)) true)
      (map-set tickets ticket-id (merge ticket {
        status: new-status, updated-at: burn-block-height,
        assignee: (if reopens none (get assignee ticket)),
        resolved-at: (if (is-eq new-status RESOLVED) (some burn-block-height)
          (if (is-eq new-status CLOSED) (get resolved-at ticket) none)),
        closed-at: (if (is-eq new-status CLOSED) (some burn-block-height) none) }))
      (ok (print-status ticket-id from new-status)))))

(define-public (assign-ticket (ticket-id uint) (agent principal))
  (let ((ticket (try! (find ticket-id))) (from (get status ticket)))
    (asserts! (is-administrator contract-caller) ERR-NOT-AUTHORIZED)
    (asserts! (< from CLOSED) ERR-TICKET-CLOSED)
    (asserts! (< from RESOLVED) ERR-INVALID-TRANSITION)
    (asserts! (is-some (map-get? roles agent)) ERR-NOT-STAFF)
    (asserts! (not (or (is-eq agent (get owner ticket)) (is-eq (some agent) (get assignee ticket)))) ERR-INVALID-INPUT)
    (map-set tickets ticket-id (merge ticket {
      status: ASSIGNED, assignee: (some agent), updated-at: burn-block-height }))
    (print { event: "ticket-assigned", v: u1, ticket-id: ticket-id, assignee: agent, by: contract-caller,
      at: burn-block-height })
    (ok true)))

;; Only printed, closed or not: a grant changes who can read what was written, and clients check it.
(define-public (grant-access (ticket-id uint) (grants (buff 4096)))
  (begin
    (asserts! (> (len grants) u0) ERR-INVALID-INPUT)
    (asserts! (or (is-eq contract-caller (get owner (try! (find ticket-id)))) (is-administrator contract-caller))
      ERR-NOT-AUTHORIZED)
    (print { event: "access-granted", v: u1, ticket-id: ticket-id, by: contract-caller, grants: grants,
      at: burn-block-height })
    (ok true)))

(define-public (set-ticket-priority (ticket-id uint) (priority uint))
  (begin
    (asserts! (is-priority priority) ERR-INVALID-INPUT)
    (let ((ticket (try! (find ticket-id))))
      (asserts! (serves (get assignee ticket) contract-caller) ERR-NOT-AUTHORIZED)
      (asserts! (< (get status ticket) CLOSED) ERR-TICKET-CLOSED)
      (map-set tickets ticket-id (merge ticket { priority: priority, updated-at: burn-block-height }))
      (print { event: "ticket-priority-changed", v: u1, ticket-id: ticket-id, from: (get priority ticket), to: priority,
        by: contract-caller, at: burn-block-height })
      (ok true))))

(define-public (close-expired-ticket (ticket-id uint))
  (let ((ticket (try! (find ticket-id))))
    (asserts! (< (get status ticket) CLOSED) ERR-TICKET-CLOSED)
    (asserts! (> burn-block-height (+ (unwrap! (get resolved-at ticket) ERR-INVALID-TRANSITION) AUTO-CLOSE))
      ERR-NOT-EXPIRED)
    (count-closed (get owner ticket))
    (map-set tickets ticket-id (merge ticket {
      status: CLOSED, updated-at: burn-block-height, closed-at: (some burn-block-height) }))
    (ok (print-status ticket-id RESOLVED CLOSED))))

;; Keys

;; A revoked key does not come back: who stole it would come back with it.
(define-public (register-key (public-key (buff 32)) (signing-key (buff 32)) (proof (buff 64)))
  (let ((counts (key-counts-of contract-caller)) (version (+ (get total counts) u1)))
    (asserts! (and (is-eq (len public-key) u32) (is-eq (len signing-key) u32) (is-eq (len proof) u64)) ERR-INVALID-INPUT)
    (asserts! (map-insert public-keys { address: contract-caller, public-key: public-key } true) ERR-INVALID-INPUT)
    (asserts! (and (<= version KEYS-MAX) (< (get active counts) ACTIVE-KEYS-MAX)) ERR-TOO-MANY-KEYS)
    (map-set key-counts contract-caller { total: version, active: (+ (get active counts) u1) })
    (map-set keys { address: contract-caller, version: version } {
      public-key: public-key, signing-key: signing-key, proof: proof, registered-at: burn-block-height, revoked-at: none })
    (print { event: "key-registered", v: u1, address: contract-caller, version: version, public-key: public-key,
      signing-key: signing-key, proof: proof, at: burn-block-height })
    (ok version)))

(define-public (revoke-key (version uint))
  (let ((place { address: contract-caller, version: version }) (counts (key-counts-of contract-caller))
        (key (unwrap! (map-get? keys place) ERR-KEY-NOT-FOUND)))
    (asserts! (is-none (get revoked-at key)) ERR-KEY-NOT-FOUND)
    (map-set keys place (merge key { revoked-at: (some burn-block-height) }))
    (map-set key-counts contract-caller (merge counts { active: (- (get active counts) u1) }))
    (print { event: "key-revoked", v: u1, address: contract-caller, version: version, at: burn-block-height })
    (ok true)))

;; People

(define-public (add-staff-member (address principal))
  (begin
    (asserts! (is-standard address) ERR-INVALID-INPUT)
    (asserts! (is-administrator contract-caller) ERR-NOT-AUTHORIZED)
    (asserts! (map-insert roles address STAFF) ERR-INVALID-INPUT)
    (print-person "staff-member-added" address)))

(define-public (remove-staff-member (address principal))
  (begin
    (asserts! (is-administrator contract-caller) ERR-NOT-AUTHORIZED)
    (asserts! (is-staff address) ERR-NOT-STAFF)
    (map-delete roles address)
    (print-person "staff-member-removed" address)))

;; The owner's only power. A staff member becomes an administrator and stops being a staff member.
(define-public (add-administrator (address principal))
  (begin
    (asserts! (is-standard address) ERR-INVALID-INPUT)
    (asserts! (or (is-administrator contract-caller) (is-eq contract-caller (var-get contract-owner))) ERR-NOT-AUTHORIZED)
    (asserts! (not (is-administrator address)) ERR-INVALID-INPUT)
    (asserts! (< (var-get administrators) ADMINISTRATORS-MAX) ERR-TOO-MANY-ADMINISTRATORS)
    (map-set roles address ADMINISTRATOR)
    (var-set administrators (+ (var-get administrators) u1))
    (print-person "administrator-added" address)))

(define-public (remove-administrator (address principal))
  (begin
    (asserts! (is-administrator contract-caller) ERR-NOT-AUTHORIZED)
    (asserts! (is-administrator address) ERR-INVALID-INPUT)
    (asserts! (> (var-get administrators) u1) ERR-LAST-ADMINISTRATOR)
    (map-delete roles address)
    (var-set administrators (- (var-get administrators) u1))
    (print-person "administrator-removed" address)))

;; Two steps, so that a mistyped address owns nothing.
(define-public (propose-owner (address principal))
  (begin
    (asserts! (is-standard address) ERR-INVALID-INPUT)
    (asserts! (is-eq contract-caller (var-get contract-owner)) ERR-NOT-AUTHORIZED)
    (var-set proposed-owner (some address))
    (print-person "owner-proposed" address)))

(define-public (accept-owner)
  (begin
    (asserts! (is-eq (some contract-caller) (var-get proposed-owner)) ERR-NOT-AUTHORIZED)
    (var-set contract-owner contract-caller)
    (var-set proposed-owner none)
    (print-person "owner-changed" contract-caller)))

;; Private

(define-private (find (ticket-id uint)) (ok (unwrap! (map-get? tickets ticket-id) ERR-TICKET-NOT-FOUND)))

;; The categories that every desk begins with.
(define-private (is-category (category (string-ascii 32)))
  (or (is-eq category "billing") (is-eq category "technical") (is-eq category "account") (is-eq category "provider")
    (is-eq category "deployment") (is-eq category "security") (is-eq category "other")))

(define-private (is-priority (priority uint)) (and (>= priority u1) (<= priority u4)))

(define-private (min-of (a uint) (b uint)) (if (< a b) a b))

(define-private (counts-of (address principal)) (default-to { total: u0, open: u0 } (map-get? owners address)))

(define-private (page-of (address principal) (page uint))
  (default-to (list) (map-get? pages { owner: address, page: page })))

(define-private (key-counts-of (address principal)) (default-to { total: u0, active: u0 } (map-get? key-counts address)))

;; The assignee while he has a role, and every administrator.
(define-private (serves (assignee (optional principal)) (user principal))
  (match (map-get? roles user) role
    (or (is-eq role ADMINISTRATOR) (is-eq (some user) assignee)) false))

(define-private (check-payload (payload-hash (buff 32)) (payload (buff 4096)))
  (begin
    (asserts! (> (len payload) u0) ERR-INVALID-INPUT)
    (ok (asserts! (is-eq (sha256 payload) payload-hash) ERR-HASH-MISMATCH))))

;; An envelope is bound to its sender, so a second one with the same bytes is a replay.
(define-private (see (payload-hash (buff 32)))
  (ok (asserts! (map-insert seen { caller: contract-caller, payload-hash: payload-hash } true) ERR-SEEN)))

;; No ticket is resolved before it was assigned, so a resolved one has an assignee to go back to.
(define-private (status-after-comment (from uint) (mine bool))
  (if (if mine (or (is-eq from PENDING-CUSTOMER) (is-eq from RESOLVED)) (is-eq from ASSIGNED)) IN-PROGRESS from))

;; The table of the ticket's life, without assigning, commenting and what follows from time.
(define-private (leads (from uint) (to uint))
  (if (is-eq to OPEN) (>= from RESOLVED)
    (if (is-eq to IN-PROGRESS) (or (is-eq from ASSIGNED) (is-eq from PENDING-CUSTOMER))
      (if (is-eq to PENDING-CUSTOMER) (is-eq from IN-PROGRESS)
        (if (is-eq to RESOLVED) (and (>= from ASSIGNED) (<= from PENDING-CUSTOMER))
          true)))))

;; A ticket that was closed counts among its owner's open ones again, if there is room and time for it.
(define-private (count-reopened (address principal) (closed-at uint))
  (let ((counts (counts-of address)))
    (asserts! (<= burn-block-height (+ closed-at REOPEN-WINDOW)) ERR-WINDOW-PASSED)
    (asserts! (< (get open counts) OPEN-TICKETS-MAX) ERR-TOO-MANY-OPEN)
    (ok (map-set owners address (merge counts { open: (+ (get open counts) u1) })))))

(define-private (count-closed (address principal))
  (let ((counts (counts-of address)))
    (map-set owners address (merge counts { open: (- (get open counts) u1) }))))

(define-private (print-status (ticket-id uint) (from uint) (to uint))
  (begin
    (print { event: "ticket-status-changed", v: u1, ticket-id: ticket-id, from: from, to: to, by: contract-caller,
      at: burn-block-height })
    true))

(define-private (print-person (event (string-ascii 21)) (address principal))
  (begin
    (print { event: event, v: u1, address: address, by: contract-caller, at: burn-block-height })
    (ok true)))
