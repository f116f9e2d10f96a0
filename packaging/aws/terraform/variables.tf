variable "name" {
  description = "The beginning of all names."
  type        = string
  default     = "martlet"
}

variable "delivery" {
  description = "How events reach Martlet. A queue keeps them for 14 days and needs no way in; a webhook is called by SNS."
  type        = string
  default     = "queue"

  validation {
    condition     = contains(["queue", "webhook"], var.delivery)
    error_message = "Expected queue or webhook."
  }
}

variable "webhook_url" {
  description = "With the delivery webhook only, the public URL of /webhooks/ses."
  type        = string
  default     = ""
}

variable "dedicated_pool" {
  description = "The name of a pool of dedicated IP addresses; empty for none. A second configuration set then sends by it."
  type        = string
  default     = ""
}
