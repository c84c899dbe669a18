output "bucket" {
  description = "LAKE_URL is s3://<this>/lake."
  value       = aws_s3_bucket.this.id
}

output "postgres_host" {
  description = "postgresql.postgresqlHost of the chart, and the host of DATABASE_URL."
  value       = aws_db_instance.this.address
}

output "postgres_superuser_secret" {
  description = "Where AWS keeps the superuser's password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "role_arn" {
  description = "Role of the service account realestate."
  value       = aws_iam_role.account["platform"].arn
}

output "secrets_role_arn" {
  description = "Role of the service account realestate-secrets."
  value       = aws_iam_role.account["secrets"].arn
}

output "secret" {
  description = "Secret whose value is put in by hand."
  value       = aws_secretsmanager_secret.env.name
}

output "cluster" {
  description = "aws eks update-kubeconfig --name <this>"
  value       = aws_eks_cluster.this.name
}
