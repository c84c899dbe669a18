variable "name" {
  description = "Prefix of all names."
  type        = string
  default     = "realestate"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,20}$", var.name))
    error_message = "Lower-case letters, digits and hyphens, 3 to 21 of them: it becomes part of a bucket's name."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "us-east-1"
}

variable "vpc_id" {
  description = "A network of your own, with private subnets that reach the internet by NAT."
  type        = string
}

variable "private_subnet_ids" {
  description = "Private subnets in at least two zones."
  type        = list(string)
  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "Postgres and the cluster want two zones."
  }
}

variable "api_cidrs" {
  description = "Addresses that may speak to Kubernetes' API from the internet; with none it is reached from the network alone."
  type        = list(string)
  default     = []
  validation {
    condition     = !contains(var.api_cidrs, "0.0.0.0/0")
    error_message = "Not the whole internet."
  }
}

variable "kubernetes_version" {
  description = "Version of the cluster."
  type        = string
  default     = "1.34"
}

variable "node_type" {
  description = "Machines of what always runs."
  type        = string
  default     = "m7i.large"
}

variable "run_node_type" {
  description = "Machines of runs: 2 cores and 8 GB hold one training."
  type        = string
  default     = "m7i.xlarge"
}

variable "max_run_nodes" {
  description = "Bound of machines of runs; there are none while nothing runs, where an autoscaler is installed."
  type        = number
  default     = 4
}

variable "postgres_version" {
  description = "Major version; minor ones come by themselves."
  type        = string
  default     = "17"
}

variable "postgres_class" {
  description = "Machine of Postgres."
  type        = string
  default     = "db.m7g.large"
}

variable "postgres_storage_gb" {
  description = "Disk of Postgres; it grows to four times that."
  type        = number
  default     = 100
}

variable "multi_az" {
  description = "A second Postgres in another zone, which takes over; it doubles the price."
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "Days back to which Postgres can be set, to the second."
  type        = number
  default     = 14
}

variable "old_version_days" {
  description = "Days that an object which was replaced or removed can be had back."
  type        = number
  default     = 90
}
