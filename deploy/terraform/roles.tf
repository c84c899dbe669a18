# Roles of service accounts (IRSA): pods have what they need and no key. Names are those of deploy/helm/extras.
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  issuer   = replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")
  accounts = { platform = "realestate", secrets = "realestate-secrets" } # pragma: allowlist secret - names
}

data "aws_iam_policy_document" "assume" {
  for_each = local.accounts
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["system:serviceaccount:realestate:${each.value}"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "account" {
  for_each           = local.accounts
  name               = each.key == "platform" ? var.name : "${var.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume[each.key].json
}

data "aws_iam_policy_document" "platform" {
  statement {
    sid       = "ListTheBucket"
    actions   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.this.arn]
  }
  statement {
    sid       = "ReadAndWriteInIt"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = [for folder in ["lake", "reference", "compute-logs"] : "${aws_s3_bucket.this.arn}/${folder}/*"]
  }
  statement {
    sid       = "WithItsKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "ReadTheSecret"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [aws_secretsmanager_secret.env.arn]
  }
  statement {
    sid       = "WithItsKey"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.this.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "platform" {
  name   = "bucket"
  role   = aws_iam_role.account["platform"].id
  policy = data.aws_iam_policy_document.platform.json
}

resource "aws_iam_role_policy" "secrets" {
  name   = "secret"
  role   = aws_iam_role.account["secrets"].id
  policy = data.aws_iam_policy_document.secrets.json
}

# What pods read as variables (deploy/helm/extras/external-secret.yaml). Its value is put in by hand, so that no secret
# stands in the state.
resource "aws_secretsmanager_secret" "env" {
  #checkov:skip=CKV2_AWS_57:it holds addresses with the password of a role of ours, and keys of others: no function can change them all
  name                    = "${var.name}/env"
  description             = "Variables of the platform that are secrets, as one JSON object"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 30
}
